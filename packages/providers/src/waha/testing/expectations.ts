/**
 * What each recorded or reported body of `fixtures/` means, judged from its note, its `expect` and the
 * provider's facts in README.md, one line per event and in the body's order.
 *
 * Columns: fixture (and request) | type | chat | contact with every address and (name) | direction |
 * what the data says | when, or `arrival` where the body gives no time | identity.
 * Digits alone are a phone's address, `-` is absent, `<hash>` the hash of the body's bytes.
 */
export const eventExpectations = `
  call-accepted-noweb | call.updated | 5511900000009 | 5511900000009 | - | accept voice | 2026-07-25T17:20:05.000Z | call call.accepted CALL000000000000000000000000001
  call-received-gows | call.received | 5511900000009 | 5511900000009+222000000000009@lid | - | offer video | 2026-07-25T17:20:05.000Z | call call.received CALLGOWS00000000000000000000001
  call-received-noweb | call.received | 5511900000009 | 5511900000009 | - | offer voice | 2026-07-25T17:20:05.000Z | call call.received CALL000000000000000000000000001
  call-received-webjs | call.received | 5511900000009 | 5511900000009 | - | offer voice | 2026-07-25T17:20:05.000Z | call call.received CALLWEBJS0000000000000000000001
  call-rejected-noweb | call.updated | 120363000000000001@g.us | 222000000000021@lid | - | reject video group | 2026-07-25T17:20:05.000Z | call call.rejected CALL2
  call-rejected-webjs | call.updated | 5511900000009 | 5511900000009 | - | reject voice | 2026-07-25T17:20:09.000Z | call call.rejected CALLWEBJS0000000000000000000001
  chat-archive-true-webjs | chat.updated | 5511900000009 | 5511900000009 | - | archived true | 2026-07-25T17:20:05.000Z | envelope default chat.archive evt_01k0recad0sssst4rp5q9begg6 0
  engine-event-gows | provider.event | - | - | - | engine_event | 2026-07-25T17:22:45.854Z | envelope default engine.event evt_01k0recad066666h52hn04669h 0
  engine-event-noweb | provider.event | - | - | - | engine_event | 2026-11-24T22:57:41.678Z | envelope default engine.event evt_01m87wez9edrzn32vhjx4fx931 0
  event-response-failed-gows | provider.event | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | event_response | 2026-07-25T17:20:05.000Z | envelope default event.response.failed evt_01k0recad0wwwwx7vs84rchd82 0
  event-response-gows | provider.event | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | event_response | 2026-07-25T17:20:05.000Z | envelope default event.response evt_01k0recad0vvvvw6tr72ymjn4b 0
  group-join-legacy-noweb | group.updated | 120363000000000001@g.us | - | - | joined: 5511900000009+222000000000009@lid, 5511900000021+222000000000021@lid, 5511900000101+111000000000101@lid | 2026-11-24T22:58:31.228Z | envelope default group.join evt_01m87wgfnwfs3207tms4xt5aan 0
  group-leave-legacy-webjs | group.updated | 120363000000000001@g.us | 5511900000009 | - | left: 5511900000021 | 2026-07-25T17:20:05.000Z | envelope default group.leave evt_01k0recad0wwwwx7vs8wpkarvb 0
  group-v2-join-noweb | group.updated | 120363000000000001@g.us | - | - | joined: 5511900000009+222000000000009@lid, 5511900000021+222000000000021@lid, 5511900000101+111000000000101@lid | 2026-11-24T22:58:31.228Z | envelope default group.v2.join evt_01m87wgfnwgtrdfbrex3ejrw3d 0
  group-v2-join-request-created-gows | group.updated | 120363000000000001@g.us | 5511900000021+222000000000021@lid | - | requested: 5511900000021+222000000000021@lid | 2026-07-25T17:20:05.000Z | envelope default group.v2.participants.join-request evt_01k0recad033333e1zefjw9xyc 0
  group-v2-join-request-rejected-gows | group.updated | 120363000000000001@g.us | 5511900000021+222000000000021@lid | - | rejected: 5511900000021+222000000000021@lid | 2026-07-25T17:20:05.000Z | envelope default group.v2.participants.join-request evt_01k0recad044444f30fhcm8p23 0
  group-v2-leave-noweb | group.updated | 120363000000000001@g.us | 222000000000009@lid | - | left | 2026-11-24T22:58:34.494Z | envelope default group.v2.leave evt_01m87wgjvyhynfm7gh91gyqf9a 0
  group-v2-participants-join-noweb | group.participants_changed | 120363000000000001@g.us | 222000000000009@lid | - | add: 222000000000021@lid | 2026-11-24T22:58:32.625Z | envelope default group.v2.participants evt_01m87wgh1hcxec69qwr2sg6c6r 0
  group-v2-participants-leave-noweb | group.participants_changed | 120363000000000001@g.us | 222000000000009@lid | - | remove: 222000000000021@lid | 2026-11-24T22:58:34.028Z | envelope default group.v2.participants evt_01m87wgjdc4fvr0aqnf33kne1g 0
  group-v2-participants-promote-noweb | group.participants_changed | 120363000000000001@g.us | 222000000000009@lid | - | promote: 222000000000021@lid | 2026-11-24T22:58:33.093Z | envelope default group.v2.participants evt_01m87wghg5zgm8fgmxqh93z5ja 0
  group-v2-update-subject-noweb | group.updated | 120363000000000001@g.us | 222000000000009@lid | - | updated "Grupo Teste (novo nome)" | 2026-11-24T22:58:31.692Z | envelope default group.v2.update evt_01m87wgg4c10vydh6rebtz7y4c 0
  label-chat-added-noweb | label.assigned | 5511900000009 | 5511900000009 | - | 10 "Cliente novo" on | 2026-11-24T22:58:27.964Z | envelope default label.chat.added evt_01m87wgcfw8r0qg9qqw1753mt6 0
  label-chat-deleted-noweb | label.assigned | 5511900000009 | 5511900000009 | - | 10 "Cliente novo" off | 2026-11-24T22:58:28.435Z | envelope default label.chat.deleted evt_01m87wgcykb3cjyk5mav9q0k0d 0
  label-deleted-noweb | label.edited | - | - | - | 10 deleted | 2026-11-24T22:58:28.895Z | envelope default label.deleted evt_01m87wgdczn487cp28qhz44257 0
  label-upsert-noweb | label.edited | - | - | - | 10 "Cliente novo" #99b6c1 | 2026-11-24T22:58:27.491Z | envelope default label.upsert evt_01m87wgc13jgfk0x8bj4ehta3q 0
  legacy-2024-message-ack-noweb | message.acked | 5511900000009 | 5511900000009 | out | 3 READ | arrival | ack true 5511900000009 3EB0LEGACY00000000A2 - 3
  legacy-2024-message-any-noweb | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 5511900000009 3EB0LEGACY00000000A1 -
  legacy-2024-message-webjs | message.sent | 5511900000009 | 5511900000009 | out | text | 2024-10-01T01:10:26.000Z | message true 5511900000009 3EB0LEGACY0000000001 -
  legacy-2024-session-status-scan-qr-noweb | instance.connection_changed | - | - | - | connecting SCAN_QR_CODE | arrival | body <hash> 0 (5000 ms)
  legacy-2024-session-status-scan-qr-noweb | instance.status_changed | - | - | - | connecting SCAN_QR_CODE | arrival | body <hash> 1 (5000 ms)
  legacy-2024-session-status-scan-qr-noweb | instance.qr_updated | - | - | - | without code | arrival | body <hash> 2 (5000 ms)
  legacy-2025-message-ack-group-in-ack-gows | message.acked | 120363000000000001@g.us | 222000000000021@lid | out | 3 READ by 222000000000021@lid | 2026-07-25T17:23:41.310Z | ack true 120363000000000001@g.us 3EB0ACK2025 222000000000021@lid 3
  message-ack-device-noweb | message.acked | 5511900000009 | 5511900000009 | out | 2 DEVICE | 2026-11-24T22:58:15.342Z | ack true 5511900000009 3EB0ACK0000000000001 - 2
  message-ack-device-webjs | message.acked | 5511900000009 | 5511900000009 | out | 2 DEVICE | 2026-07-25T17:23:08.383Z | ack true 5511900000009 3A100050WEBJSRECADO - 2
  message-ack-error-noweb | message.acked | 5511900000009 | 5511900000009 | out | -1 ERROR | 2026-11-24T22:58:13.941Z | ack true 5511900000009 3EB0ACK0000000000001 - -1
  message-ack-group-gows | message.acked | 120363000000000001@g.us | 222000000000021@lid | out | 3 READ by 222000000000021@lid | 2026-07-25T17:20:06.000Z | ack true 120363000000000001@g.us 3EB0GOWSACK0003 222000000000021@lid 3
  message-ack-group-read-noweb | message.acked | 120363000000000001@g.us | 222000000000021@lid | out | 3 READ by 222000000000021@lid | 2026-11-24T22:58:34.000Z | ack true 120363000000000001@g.us 3EB0ACKGRP00000000001 222000000000021@lid 3
  message-ack-group-server-noweb | message.acked | 120363000000000001@g.us | 222000000000021@lid | out | 1 SERVER by 222000000000021@lid | 2026-11-24T22:58:34.000Z | ack true 120363000000000001@g.us 3EB0ACKGRP00000000001 222000000000021@lid 1
  message-ack-pending-noweb | message.acked | 5511900000009 | 5511900000009 | out | 0 PENDING | 2026-11-24T22:58:14.409Z | ack true 5511900000009 3EB0ACK0000000000001 - 0
  message-ack-played-noweb | message.acked | 5511900000009 | 5511900000009 | out | 4 PLAYED | 2026-11-24T22:58:16.285Z | ack true 5511900000009 3EB0ACK0000000000001 - 4
  message-ack-read-gows | message.acked | 5511900000009 | 5511900000009 | out | 3 READ | 2026-07-25T17:20:06.000Z | ack true 5511900000009 3EB0GOWSACK0001 - 3
  message-ack-read-noweb | message.acked | 5511900000009 | 5511900000009 | out | 3 READ | 2026-11-24T22:58:15.811Z | ack true 5511900000009 3EB0ACK0000000000001 - 3
  message-any-fromMe-api-gows | message.sent | 5511900000009 | 5511900000009+222000000000009@lid | out | text | 2026-07-25T17:20:05.000Z | message true 5511900000009 3EB0GOWS1017 -
  message-any-fromMe-api-noweb | message.sent | 5511900000009 | 5511900000009 | out | text | 2026-11-24T22:58:01.000Z | message true 5511900000009 3EB0B39DA79EF345413E40 -
  message-any-poll-creation-noweb | message.sent | 5511900000009 | 5511900000009+222000000000009@lid | out | poll | 2026-11-24T22:58:12.000Z | message true 5511900000009 3EB0POLL000000000001 -
  message-any-text-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:57:41.000Z | message false 5511900000009 3EB0RECADO0000000001 -
  message-audio-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | audio | 2026-11-24T22:57:47.000Z | message false 5511900000009 3EB0RECADO0000000007 -
  message-broadcast-list-noweb | message.received | 5511900000021 | 5511900000021 (João Teste) | in | text | 2026-11-24T22:58:04.000Z | message false 5511900000021 3EB0RECADO0000000028 -
  message-buttons-response-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | buttons | 2026-11-24T22:58:06.000Z | message false 5511900000009 3EB0RECADO0000000030 -
  message-document-gows | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | document | 2026-07-25T17:20:05.000Z | message false 5511900000009 3EB0GOWS1012 -
  message-document-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | document | 2026-11-24T22:57:50.000Z | message false 5511900000009 3EB0RECADO0000000010 -
  message-duplicate-first-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:58:17.000Z | message false 5511900000009 3EB0RECADO0000000041 -
  message-duplicate-lid-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:58:17.000Z | message false 5511900000009 3EB0RECADO0000000041 -
  message-duplicate-second-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:58:17.000Z | message false 5511900000009 3EB0RECADO0000000041 -
  message-edited-noweb | message.edited | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | 3EB0RECADO0000000001 text | 2026-11-24T22:58:20.000Z | edit false 5511900000009 3EB0RECADO0000000044 3EB0RECADO0000000001 Olá, vocês abrem amanhã?
  message-edited-plain-noweb | message.edited | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | 3EB0RECADO0000000001 text | 2026-11-24T22:58:21.000Z | edit false 5511900000009 3EB0RECADO0000000045 3EB0RECADO0000000001 Editada de novo
  message-edited-webjs | message.edited | 5511900000009 | 5511900000009 (Maria Teste) | in | 3A100053WEBJSRECADO text | 2026-07-25T17:20:05.123Z | edit false 5511900000009 3A100053WEBJSRECADO 3A100053WEBJSRECADO Texto corrigido
  message-ephemeral-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:58:11.000Z | message false 5511900000009 3EB0RECADO0000000035 -
  message-event-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | unknown | 2026-11-24T22:58:13.000Z | message false 5511900000009 3EB0RECADO0000000037 -
  message-group-gows | message.received | 120363000000000001@g.us | 5511900000021+222000000000021@lid (João Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 120363000000000001@g.us 3EB0GOWS1009 5511900000021
  message-group-lid-noweb | message.received | 120363000000000001@g.us | 5511900000021+222000000000021@lid (João Teste) | in | text | 2026-11-24T22:58:01.000Z | message false 120363000000000001@g.us 3EB0RECADO0000000023 5511900000021
  message-image-gows | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | image | 2026-07-25T17:20:05.000Z | message false 5511900000009 3EB0GOWS1010 -
  message-image-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | image | 2026-11-24T22:57:45.000Z | message false 5511900000009 3EB0RECADO0000000005 -
  message-image-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | image | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100041WEBJSRECADO -
  message-interactive-response-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | buttons | 2026-11-24T22:58:08.000Z | message false 5511900000009 3EB0RECADO0000000032 -
  message-location-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | location | 2026-11-24T22:57:54.000Z | message false 5511900000009 3EB0RECADO0000000014 -
  message-media-error-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | image | 2026-11-24T22:57:53.000Z | message false 5511900000009 3EB0RECADOERR0000001 -
  message-media-not-downloaded-gows | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | image | 2026-07-25T17:20:05.000Z | message false 5511900000009 3EB0GOWS1013 -
  message-newsletter-gows | message.received | 120363000000000099@newsletter | - | in | text | 2026-07-25T17:20:05.000Z | message false 120363000000000099@newsletter 3EB0GOWS1015 -
  message-newsletter-noweb | message.received | 120363000000000099@newsletter | - | in | text | 2026-11-24T22:58:02.000Z | message false 120363000000000099@newsletter NLTR0000000001 -
  message-order-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | order | 2026-11-24T22:58:14.000Z | message false 5511900000009 3EB0RECADO0000000038 -
  message-reaction-add-noweb | message.reacted | 5511900000009 | 5511900000009 | in | "👍" on 3EB0ORIGINAL00000001 | 2026-11-24T22:58:23.000Z | reaction false 5511900000009 3EB0RECADO0000000047 - 3EB0ORIGINAL00000001 👍
  message-reaction-fromMe-noweb | message.reacted | 5511900000009 | 5511900000009 | out | "🙏" on 3EB0RECADO0000000001 | 2026-11-24T22:58:26.000Z | reaction true 5511900000009 3EB0RECADO0000000051 - 3EB0RECADO0000000001 🙏
  message-reaction-gows | message.reacted | 5511900000009 | 5511900000009 | in | "👍" on 3EB0ORIGINAL00000001 | 2026-07-25T17:20:05.000Z | reaction false 5511900000009 3EB0GOWS1022 - 3EB0ORIGINAL00000001 👍
  message-reaction-remove-noweb | message.reacted | 5511900000009 | 5511900000009 | in | "" on 3EB0ORIGINAL00000001 | 2026-11-24T22:58:24.000Z | reaction false 5511900000009 3EB0RECADO0000000048 - 3EB0ORIGINAL00000001 -
  message-reply-gows | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 5511900000009 3EB0GOWS1018 -
  message-reply-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:57:58.000Z | message false 5511900000009 3EB0RECADO0000000018 -
  message-reply-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100046WEBJSRECADO -
  message-revoked-gows | message.deleted | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | 3EB0ORIGINAL00000010 | 2026-07-25T17:20:05.000Z | revoke 5511900000009 3EB0ORIGINAL00000010
  message-revoked-noweb | message.deleted | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | 3EB0RECADO0000000001 | 2026-11-24T22:58:22.000Z | revoke 5511900000009 3EB0RECADO0000000001
  message-revoked-webjs | message.deleted | 5511900000009 | 5511900000009 (Maria Teste) | in | 3AORIGINALWEBJS0002 text | 2026-07-25T17:20:05.000Z | revoke 5511900000009 3AORIGINALWEBJS0002
  message-status-broadcast-gows | message.received | status@broadcast | 5511900000021+222000000000021@lid (João Teste) | in | text | 2026-07-25T17:20:05.000Z | message false status@broadcast 3EB0GOWS1016 5511900000021
  message-status-broadcast-webjs | message.received | status@broadcast | 5511900000021 (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false status@broadcast 3A100048WEBJSRECADO 5511900000021
  message-sticker-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | sticker | 2026-11-24T22:57:52.000Z | message false 5511900000009 3EB0RECADO0000000012 -
  message-sticker-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | sticker | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100043WEBJSRECADO -
  message-text-gows | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 5511900000009 3EB0GOWS1007 -
  message-text-lid-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:57:42.000Z | message false 5511900000009 3EB0RECADO0000000002 -
  message-text-lid-webjs | message.received | 222000000000009@lid | 222000000000009@lid (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 222000000000009@lid 3A100039WEBJSRECADO -
  message-text-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:57:41.000Z | message false 5511900000009 3EB0RECADO0000000001 -
  message-text-unicode-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | text | 2026-11-24T22:57:44.000Z | message false 5511900000009 3EB0RECADO0000000004 -
  message-text-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100038WEBJSRECADO -
  message-text-wpp | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | text | 2026-07-25T17:20:05.000Z | message false 5511900000009 3AWPP00000000000001 -
  message-vcard-many-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | contact | 2026-11-24T22:57:57.000Z | message false 5511900000009 3EB0RECADO0000000017 -
  message-vcard-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | contact | 2026-11-24T22:57:56.000Z | message false 5511900000009 3EB0RECADO0000000016 -
  message-vcard-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | contact | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100045WEBJSRECADO -
  message-video-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | video | 2026-11-24T22:57:49.000Z | message false 5511900000009 3EB0RECADO0000000009 -
  message-voice-noweb | message.received | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | voice | 2026-11-24T22:57:48.000Z | message false 5511900000009 3EB0RECADO0000000008 -
  message-voice-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | voice | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100042WEBJSRECADO -
  message-waiting-webjs | message.received | 5511900000009 | 5511900000009 (Maria Teste) | in | unknown (missing) | 2026-07-25T17:20:05.000Z | message false 5511900000009 3A100049WEBJSRECADO -
  poll-vote-failed-noweb | poll.voted | 5511900000009 | 5511900000009 | in | [] in 3EB0UNKNOWNPOLL00001 failed | 2026-11-24T22:58:27.000Z | vote false 5511900000009 3EB0RECADO0000000052 - true
  poll-vote-gows | poll.voted | 5511900000009 | 5511900000009+222000000000009@lid (Maria Teste) | in | [Chocolate] in 3EB0POLL000000000002 | 2026-07-25T17:20:05.555Z | vote false 5511900000009 3EB0GOWS1025 - false Chocolate
  poll-vote-none-noweb | poll.voted | 5511900000009 | 5511900000009 | in | [] in 3EB0POLL000000000001 | 2026-07-25T17:20:04.555Z | vote false 5511900000009 3EB0VOTE000000000000 - false
  poll-vote-noweb | poll.voted | 5511900000009 | 5511900000009 | in | [Chocolate] in 3EB0POLL000000000001 | 2026-07-25T17:20:04.555Z | vote false 5511900000009 3EB0VOTE000000000001 - false Chocolate
  presence-group-noweb | presence.updated | 120363000000000001@g.us | 222000000000021@lid | - | 222000000000021@lid recording | 2026-11-24T22:58:30.763Z | envelope default presence.update evt_01m87wgf7agsmsprppzyd11151 0
  presence-typing-noweb | presence.updated | 5511900000009 | 5511900000009 | - | 5511900000009 composing | 2026-11-24T22:58:29.833Z | envelope default presence.update evt_01m87wgea9ctf5g12nyases8j8 0
  presence-update-gows | presence.updated | 5511900000009 | 5511900000009 | - | 5511900000009 available | 2026-07-25T17:22:35.456Z | envelope default presence.update evt_01k0recad000000aywba5mdnk7 0
  session-status-failed-noweb | instance.connection_changed | - | - | - | close FAILED qr_limit | 2026-11-24T22:53:30.739Z | envelope default session.status evt_01m87w7a7kwtjdzwsjerrvje36 0
  session-status-failed-noweb | instance.status_changed | - | - | - | close FAILED qr_limit | 2026-11-24T22:53:30.739Z | envelope default session.status evt_01m87w7a7kwtjdzwsjerrvje36 1
  session-status-failed-noweb | instance.qr_expired | - | - | - | qr_limit | 2026-11-24T22:53:30.739Z | envelope default session.status evt_01m87w7a7kwtjdzwsjerrvje36 2
  session-status-passkey-required-gows | instance.connection_changed | - | - | - | connecting PASSKEY_REQUIRED with detail | 2026-07-25T17:21:43.199Z | envelope default session.status evt_01k0recad033333e1zdqmngjb3 0
  session-status-passkey-required-gows | instance.status_changed | - | - | - | connecting PASSKEY_REQUIRED | 2026-07-25T17:21:43.199Z | envelope default session.status evt_01k0recad033333e1zdqmngjb3 1
  session-status-reconnecting-noweb | instance.connection_changed | - | - | - | connecting STARTING | 2026-11-24T22:58:37.444Z | envelope default session.status evt_01m87wgnr44bmm3p79wjmqx191 0
  session-status-reconnecting-noweb | instance.status_changed | - | - | - | connecting STARTING | 2026-11-24T22:58:37.444Z | envelope default session.status evt_01m87wgnr44bmm3p79wjmqx191 1
  session-status-scan-qr-first-noweb | instance.connection_changed | - | - | - | connecting SCAN_QR_CODE | 2026-11-24T22:53:29.554Z | envelope default session.status evt_01m87w792js0j047jveczemvn6 0
  session-status-scan-qr-first-noweb | instance.status_changed | - | - | - | connecting SCAN_QR_CODE | 2026-11-24T22:53:29.554Z | envelope default session.status evt_01m87w792js0j047jveczemvn6 1
  session-status-scan-qr-first-noweb | instance.qr_updated | - | - | - | without code | 2026-11-24T22:53:29.554Z | envelope default session.status evt_01m87w792js0j047jveczemvn6 2
  session-status-scan-qr-refreshed-noweb | instance.connection_changed | - | - | - | connecting SCAN_QR_CODE | 2026-11-24T22:53:30.478Z | envelope default session.status evt_01m87w79ze654ba40d5x7bjr7p 0
  session-status-scan-qr-refreshed-noweb | instance.status_changed | - | - | - | connecting SCAN_QR_CODE | 2026-11-24T22:53:30.478Z | envelope default session.status evt_01m87w79ze654ba40d5x7bjr7p 1
  session-status-scan-qr-refreshed-noweb | instance.qr_updated | - | - | - | without code | 2026-11-24T22:53:30.478Z | envelope default session.status evt_01m87w79ze654ba40d5x7bjr7p 2
  session-status-starting-noweb | instance.connection_changed | - | - | - | connecting STARTING | 2026-11-24T22:53:15.907Z | envelope default session.status evt_01m87w6vr3g9a0e5jks91dhk4r 0
  session-status-starting-noweb | instance.status_changed | - | - | - | connecting STARTING | 2026-11-24T22:53:15.907Z | envelope default session.status evt_01m87w6vr3g9a0e5jks91dhk4r 1
  session-status-stopped-after-failed-noweb | instance.connection_changed | - | - | - | close STOPPED stopped | 2026-11-24T22:53:41.645Z | envelope default session.status evt_01m87w7mwdakhkv5da285aha12 0
  session-status-stopped-after-failed-noweb | instance.status_changed | - | - | - | close STOPPED stopped | 2026-11-24T22:53:41.645Z | envelope default session.status evt_01m87w7mwdakhkv5da285aha12 1
  session-status-stopped-logout-noweb | instance.connection_changed | - | - | - | close STOPPED stopped | 2026-11-24T23:04:51.742Z | envelope default session.status evt_01m87ww38yxnt1w5f8b55f65ej 0
  session-status-stopped-logout-noweb | instance.status_changed | - | - | - | close STOPPED stopped | 2026-11-24T23:04:51.742Z | envelope default session.status evt_01m87ww38yxnt1w5f8b55f65ej 1
  session-status-stopped-noweb | instance.connection_changed | - | - | - | close STOPPED stopped | 2026-11-24T22:53:16.143Z | envelope default session.status evt_01m87w6vzfbhqz7bkm7zc0grq7 0
  session-status-stopped-noweb | instance.status_changed | - | - | - | close STOPPED stopped | 2026-11-24T22:53:16.143Z | envelope default session.status evt_01m87w6vzfbhqz7bkm7zc0grq7 1
  session-status-stopped-webjs | instance.connection_changed | - | - | - | close STOPPED stopped | 2026-07-25T17:21:41.466Z | envelope loja-02 session.status evt_01k0recad022222d0ycntxht7c 0
  session-status-stopped-webjs | instance.status_changed | - | - | - | close STOPPED stopped | 2026-07-25T17:21:41.466Z | envelope loja-02 session.status evt_01k0recad022222d0ycntxht7c 1
  session-status-working-gows | instance.connection_changed | - | - | - | open WORKING as 5511900000101+111000000000101@lid (Loja Teste) | 2026-07-25T17:21:38.000Z | envelope default session.status evt_01k0recad000000aywaj7dm9zy 0
  session-status-working-gows | instance.status_changed | - | - | - | open WORKING | 2026-07-25T17:21:38.000Z | envelope default session.status evt_01k0recad000000aywaj7dm9zy 1
  session-status-working-noweb | instance.connection_changed | - | - | - | open WORKING as 5511900000101+111000000000101@lid (Loja Teste) | 2026-11-24T22:53:47.812Z | envelope default session.status evt_01m87w7tx40pbramezbapcnra4 0
  session-status-working-noweb | instance.status_changed | - | - | - | open WORKING | 2026-11-24T22:53:47.812Z | envelope default session.status evt_01m87w7tx40pbramezbapcnra4 1
  session-status-working-reachout-timelock-gows | instance.connection_changed | - | - | - | open WORKING as 5511900000101+111000000000101@lid (Loja Teste) with detail | 2026-07-25T17:21:46.665Z | envelope default session.status evt_01k0recad055555g41fv85e2jh 0
  session-status-working-reachout-timelock-gows | instance.status_changed | - | - | - | open WORKING | 2026-07-25T17:21:46.665Z | envelope default session.status evt_01k0recad055555g41fv85e2jh 1
  state-change-qr-noweb | instance.qr_updated | - | - | - | with code | 2026-11-24T22:53:29.554Z | envelope default state.change evt_01m87w792jh26bd945ks46mzq1 0
`;

/** The same for the requests of reported situations. */
export const zooExpectations = `
  048-waha-noweb-lid-with-alts#0 | message.received | 5511900000202 | 5511900000202+120000000000202@lid (Maria Teste) | in | text | 2025-09-28T03:46:20.000Z | message false 5511900000202 3A8E1EBFE49400000001 -
  048-waha-noweb-lid-with-alts#1 | message.received | 5511900000202 | 5511900000202+120000000000202@lid (Maria Teste) | in | text | 2025-09-28T03:46:21.000Z | message false 5511900000202 3A8E1EBFE49400000002 -
  048-waha-noweb-lid-with-alts#2 | message.received | 120000000000202@lid | 120000000000202@lid (Maria Teste) | in | text | 2025-09-28T03:46:22.000Z | message false 120000000000202@lid 3A8E1EBFE49400000003 -
  051-waha-same-message-two-events#0 | message.received | 120363150000000205@g.us | 120000000000205@lid (Maria Teste) | in | text | 2025-06-17T07:04:43.000Z | message false 120363150000000205@g.us 5E61E8E4377AD23332D2D0D0F5ACA4CD 120000000000205@lid
  051-waha-same-message-two-events#1 | message.received | 120363150000000205@g.us | 120000000000205@lid (Maria Teste) | in | text | 2025-06-17T07:04:43.000Z | message false 120363150000000205@g.us 5E61E8E4377AD23332D2D0D0F5ACA4CD 120000000000205@lid
  053-waha-gows-duplicate-jobs#0 | message.received | 5511900000207 | 5511900000207+120000000000207@lid (Maria Teste) | in | text | 2025-11-17T16:22:58.000Z | message false 5511900000207 ACA7F613E9031158BEEF7F41E671C69F -
  053-waha-gows-duplicate-jobs#1 | message.received | 5511900000207 | 5511900000207+120000000000207@lid (Maria Teste) | in | text | 2025-11-17T16:22:58.000Z | message false 5511900000207 ACA7F613E9031158BEEF7F41E671C69F -
  055-waha-noweb-no-to-old-envelope#0 | message.received | 5511900000209 | 5511900000209 | in | text | 2023-07-05T15:42:26.000Z | message false 5511900000209 18C22B30345D28 -
  056-waha-group-broken-composed-id#0 | message.sent | 120363150000000210@g.us | 120000000000210@lid (Loja Teste) | out | text | 2025-12-02T01:53:57.000Z | message true 120363150000000210@g.us 3EB009BB0485C23C378BF1 120000000000210@lid
  056-waha-group-broken-composed-id#1 | message.sent | 120363150000000210@g.us | 120000000000210@lid (Loja Teste) | out | text | 2025-12-02T01:53:57.000Z | message true 120363150000000210@g.us 3EB0231518C4546BD39A45 120000000000210@lid
  057-waha-call-as-message#0 | message.received | 5511900000211 | 5511900000211 | in | system | 2025-03-03T06:43:44.000Z | message false 5511900000211 004FF7C0229C89FB7D478D26EB5EF475 -
  059-waha-protocol-message-any-null#0 | message.received | 5511900000213 | 5511900000213 (Maria Teste) | in | system | 2025-02-18T19:00:41.000Z | message false 5511900000213 5CB2E990DDC102487BD7 -
  059-waha-protocol-message-any-null#1 | message.received | 5511900000213 | 5511900000213 (Maria Teste) | in | system | 2025-02-18T19:00:42.000Z | message false 5511900000213 4104732B37F9EE2C7268 -
  059-waha-protocol-message-any-null#2 | message.deleted | 5511900000213 | 5511900000213 (Maria Teste) | in | 5FD2B4E43ACFA4EF3AFB | 2025-02-18T19:00:43.000Z | revoke 5511900000213 5FD2B4E43ACFA4EF3AFB
  059-waha-protocol-message-any-null#3 | message.edited | 5511900000213 | 5511900000213 (Maria Teste) | in | 92AA78FC3AD0DD32B009 text | 2025-02-18T19:00:44.000Z | edit false 5511900000213 B22D98507F8E30FF054E 92AA78FC3AD0DD32B009 agora certo
  060-waha-revoked-labelled-ack#0 | message.deleted | 5511900000214 | 5511900000214 | in | AAAAAAAAAAAAAAAAAAAA0214 text | 2022-11-04T11:31:25.000Z | revoke 5511900000214 BBBBBBBBBBBBBBBBBBBB0214
  060-waha-revoked-labelled-ack#1 | message.deleted | 5511900000214 | 5511900000214 | in | AAAAAAAAAAAAAAAAAAAA0214 text | 2022-11-04T11:31:25.000Z | revoke 5511900000214 BBBBBBBBBBBBBBBBBBBB0214
  060-waha-revoked-labelled-ack#2 | message.deleted | 5511900000214 | 5511900000214 | in | AAAAAAAAAAAAAAAAAAAA0214 | arrival | revoke 5511900000214 AAAAAAAAAAAAAAAAAAAA0214
  061-waha-qr-state-change-me-null#0 | instance.connection_changed | - | - | - | connecting STARTING | arrival | body <hash> 0 (5000 ms)
  061-waha-qr-state-change-me-null#0 | instance.status_changed | - | - | - | connecting STARTING | arrival | body <hash> 1 (5000 ms)
  061-waha-qr-state-change-me-null#1 | instance.connection_changed | - | - | - | open WORKING | arrival | body <hash> 0 (5000 ms)
  061-waha-qr-state-change-me-null#1 | instance.status_changed | - | - | - | open WORKING | arrival | body <hash> 1 (5000 ms)
  061-waha-qr-state-change-me-null#2 | instance.connection_changed | - | - | - | connecting SCAN_QR_CODE | arrival | body <hash> 0 (5000 ms)
  061-waha-qr-state-change-me-null#2 | instance.status_changed | - | - | - | connecting SCAN_QR_CODE | arrival | body <hash> 1 (5000 ms)
  061-waha-qr-state-change-me-null#2 | instance.qr_updated | - | - | - | without code | arrival | body <hash> 2 (5000 ms)
  061-waha-qr-state-change-me-null#3 | instance.qr_updated | - | - | - | with code | arrival | body <hash> 0 (5000 ms)
  066-waha-ack-order-and-words#0 | message.acked | 5511900000220 | 5511900000220 | out | 3 READ | 2025-09-17T04:31:43.000Z | ack true 5511900000220 3EB02B23022B3A7C40D4AF - 3
  066-waha-ack-order-and-words#1 | message.acked | 5511900000220 | 5511900000220 | out | 2 DEVICE | 2025-09-17T04:31:43.001Z | ack true 5511900000220 3EB02B23022B3A7C40D4AF - 2
  066-waha-ack-order-and-words#2 | message.acked | 5511900000220 | 5511900000220 | out | 4 PLAYED | 2025-09-17T04:31:43.002Z | ack true 5511900000220 3EB02B23022B3A7C40D4AF - 4
  066-waha-ack-order-and-words#3 | message.acked | 5511900000220 | 5511900000220 | out | 1 SERVER | 2025-09-17T04:31:43.003Z | ack true 5511900000220 3EB02B23022B3A7C40D4AF - 1
  066-waha-ack-order-and-words#4 | message.acked | 5511900000220 | 5511900000220 | out | 3 3 | 2025-09-17T04:31:43.004Z | ack true 5511900000220 3EB02B23022B3A7C40D4AF - 3
  066-waha-ack-order-and-words#5 | message.acked | 5511900000220 | 5511900000220 | out | null TELEPORTED | 2025-09-17T04:31:43.005Z | ack true 5511900000220 3EB02B23022B3A7C40D4AF - TELEPORTED
  066-waha-ack-order-and-words#6 | message.sent | 5511900000220 | 5511900000220 | out | text | 2025-09-17T04:31:43.000Z | message true 5511900000220 3EB02B23022B3A7C40D4AF -
  070-waha-labels-burst-null-label#0 | label.assigned | 120000000000227@lid | 120000000000227@lid | - | 4 on | 2026-01-30T12:43:54.255Z | envelope loja label.chat.added evt_01hkzv6rvrkvm858rb9rc4z2qh 0
  070-waha-labels-burst-null-label#1 | label.assigned | 120000000000227@lid | 120000000000227@lid | - | 4 on | 2026-01-30T12:43:54.255Z | envelope loja label.chat.added evt_01hkzv6rvrkvm858rb9rc4z2qh 0
  070-waha-labels-burst-null-label#2 | label.edited | - | - | - | 4 "Novo cliente" #ff9485 | 2025-10-07T17:28:43.392Z | envelope loja label.upsert evt_01f5xp2v0n0xkzbj73tfy4gf1h 0
  070-waha-labels-burst-null-label#3 | label.assigned | 120000000000227@lid | 120000000000227@lid | - | 4 "Novo cliente" off | 2025-10-07T17:28:43.392Z | envelope loja label.chat.deleted evt_01keesspm7kbhk4yyyca67yq8w 0
  072-waha-reactions-old-and-removed#0 | message.reacted | 5511900000229 | 5511900000229 | in | "👍" on 3EB0AAAA000000000229 | 2024-07-29T01:46:40.000Z | reaction false 5511900000229 3EB0BBBB000000002290 - 3EB0AAAA000000000229 👍
  072-waha-reactions-old-and-removed#1 | message.reacted | 5511900000229 | 5511900000229 | in | "❤️" on 3EB0AAAA000000000229 | 2024-08-14T01:46:41.000Z | reaction false 5511900000229 3EB0BBBB000000002291 - 3EB0AAAA000000000229 ❤️
  072-waha-reactions-old-and-removed#2 | message.reacted | 5511900000229 | 5511900000229 | in | "" on 3EB0AAAA000000000229 | 2024-08-14T01:46:45.000Z | reaction false 5511900000229 3EB0BBBB000000002292 - 3EB0AAAA000000000229 -
  072-waha-reactions-old-and-removed#3 | message.reacted | 5511900000229 | 5511900000229 | in | "😂" on - | 2024-08-14T01:46:46.000Z | reaction false 5511900000229 3EB0BBBB000000002293 - - 😂
  075-waha-old-messages-after-reconnect#0 | message.received | 5511900000232 | 5511900000232 | in | text | 2026-08-02T19:46:40.000Z | message false 5511900000232 3EB0AAAA000000000236 -
  075-waha-old-messages-after-reconnect#1 | message.received | 5511900000232 | 5511900000232 | in | text | 2026-08-02T19:46:40.000Z | message false 5511900000232 3EB0AAAA000000000236 -
  075-waha-old-messages-after-reconnect#2 | message.received | 5511900000232 | 5511900000232 | in | text | 2026-08-02T19:48:20.000Z | message false 5511900000232 3EB0AAAA000000000237 -
  076-waha-group-v2-and-v1-events#0 | group.updated | 120363150000000233@g.us | - | - | joined: 5511900000233 | 2025-10-07T17:28:43.392Z | envelope default group.join evt_01zqpt9g30cd5a35esj7gsy0va 0
  076-waha-group-v2-and-v1-events#1 | group.participants_changed | 120363150000000233@g.us | - | - | add: 5511900000233+120000000000233@lid | 2024-10-09T07:46:40.000Z | envelope default group.v2.participants evt_01hx2bg4xrh82f1dywemrtwxcz 0
  076-waha-group-v2-and-v1-events#2 | group.updated | 120363150000000233@g.us | - | - | updated "Turma 🎉⏎noite" | 2024-10-09T07:46:50.000Z | envelope default group.v2.update evt_0112wjwymfqrgvddhbdb0b5fvv 0
  083-waha-pix-and-interactive#0 | message.received | 5511900000305 | 5511900000305 (Maria Teste) | in | order | 2025-10-10T13:33:20.000Z | message false 5511900000305 AC730154E179F6606D9B2502F1E50ECE -
  083-waha-pix-and-interactive#1 | message.received | 5511900000305 | 5511900000305 (Maria Teste) | in | buttons | 2025-10-10T13:33:21.000Z | message false 5511900000305 ACBF18A8B00381ED6FBDBFED95079933 -
  083-waha-pix-and-interactive#2 | message.received | 5511900000305 | 5511900000305 (Maria Teste) | in | list | 2025-10-10T13:33:22.000Z | message false 5511900000305 AC84157205ACE1B2C5E30181E4E96F77 -
  084-waha-nul-and-lone-surrogates#0 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003060 -
  084-waha-nul-and-lone-surrogates#1 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003061 -
  084-waha-nul-and-lone-surrogates#2 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003062 -
  084-waha-nul-and-lone-surrogates#3 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003063 -
  084-waha-nul-and-lone-surrogates#4 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003064 -
  084-waha-nul-and-lone-surrogates#5 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003065 -
  084-waha-nul-and-lone-surrogates#6 | message.received | 5511900000306 | 5511900000306 (Maria \\ud83d) | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000306 3EB0AAAA000000003066 -
  088-waha-wppconnect-events-on-url#0 | provider.event | - | - | - | foreign_shape | arrival | body <hash> 0 (2100000 ms)
  088-waha-wppconnect-events-on-url#1 | provider.event | - | - | - | foreign_shape | arrival | body <hash> 0 (2100000 ms)
  088-waha-wppconnect-events-on-url#2 | provider.event | - | - | - | foreign_shape | arrival | body <hash> 0 (2100000 ms)
  090-waha-channel-and-status-reply#0 | message.received | 120363400000000313@newsletter | - | in | text | 2025-10-07T17:28:43.000Z | message false 120363400000000313@newsletter 3EB0AAAA000000000314 -
  090-waha-channel-and-status-reply#1 | message.received | 5511900000313 | 5511900000313 | in | text | 2025-10-07T17:28:43.000Z | message false 5511900000313 3EB0BEAC5332076BBAFE0A -
  091-waha-one-person-two-chats#0 | message.received | 5511900000314 | 5511900000314+120000000000314@lid (Maria Teste) | in | text | 2025-10-04T10:57:40.000Z | message false 5511900000314 3EB00067777CFAD8071578 -
  091-waha-one-person-two-chats#1 | message.sent | 120000000000314@lid | 120000000000314@lid | out | text | 2025-10-04T10:47:27.000Z | message true 120000000000314@lid 3EB0DD602CB76C4F0A18D2 -
`;
