import { EvolutionWebhookEvent, WahaWebhookEvent } from "@recado/protocol";

/**
 * The lists of webhook events as the documented routes answer them: first those of the documented
 * description, in its order and with its Portuguese sentences, then those that it lacks.
 */
export interface ListedEvent {
  readonly name: string;
  readonly description: string;
}

/**
 * Two names stand in their documented spelling, since front ends have labels for those: `GROUPS_UPDATE`
 * and `state.changed`. The providers know them as `GROUP_UPDATE` and `state.change`; the routes take
 * either and send the right one.
 */
const documentedSpelling: Readonly<Record<string, string>> = {
  [EvolutionWebhookEvent.GROUPS_UPDATE]: "GROUPS_UPDATE",
  [WahaWebhookEvent.STATE_CHANGED]: "state.changed",
};

export const evolutionEventList: readonly ListedEvent[] = Object.entries({
  [EvolutionWebhookEvent.CONNECTION_UPDATE]: "Atualização de conexão",
  [EvolutionWebhookEvent.QRCODE_UPDATED]: "QR Code atualizado",
  [EvolutionWebhookEvent.MESSAGES_UPSERT]: "Nova mensagem recebida",
  [EvolutionWebhookEvent.MESSAGES_UPDATE]: "Mensagem atualizada",
  [EvolutionWebhookEvent.MESSAGES_DELETE]: "Mensagem deletada",
  [EvolutionWebhookEvent.CONTACTS_UPDATE]: "Contato atualizado",
  [EvolutionWebhookEvent.CONTACTS_UPSERT]: "Novo contato",
  [EvolutionWebhookEvent.CHATS_UPDATE]: "Chat atualizado",
  [EvolutionWebhookEvent.CHATS_UPSERT]: "Novo chat",
  [EvolutionWebhookEvent.CHATS_DELETE]: "Chat deletado",
  [EvolutionWebhookEvent.GROUPS_UPDATE]: "Grupo atualizado",
  [EvolutionWebhookEvent.GROUPS_UPSERT]: "Novo grupo",
  [EvolutionWebhookEvent.PRESENCE_UPDATE]: "Presença atualizada",
  [EvolutionWebhookEvent.CALL]: "Chamada recebida",
  [EvolutionWebhookEvent.STATUS_INSTANCE]: "Status da instância",
  [EvolutionWebhookEvent.SEND_MESSAGE]: "Mensagem enviada",
  [EvolutionWebhookEvent.LABELS_EDIT]: "Etiqueta editada",
  [EvolutionWebhookEvent.LABELS_ASSOCIATION]: "Etiqueta associada",
  [EvolutionWebhookEvent.APPLICATION_STARTUP]: "Servidor iniciado",
  [EvolutionWebhookEvent.MESSAGES_SET]: "Histórico de mensagens carregado",
  [EvolutionWebhookEvent.MESSAGES_EDITED]: "Mensagem editada",
  [EvolutionWebhookEvent.SEND_MESSAGE_UPDATE]: "Mensagem enviada atualizada",
  [EvolutionWebhookEvent.CONTACTS_SET]: "Lista de contatos carregada",
  [EvolutionWebhookEvent.CHATS_SET]: "Lista de chats carregada",
  [EvolutionWebhookEvent.GROUP_PARTICIPANTS_UPDATE]: "Participantes do grupo atualizados",
  [EvolutionWebhookEvent.TYPEBOT_START]: "Typebot iniciado",
  [EvolutionWebhookEvent.TYPEBOT_CHANGE_STATUS]: "Status do Typebot alterado",
  [EvolutionWebhookEvent.REMOVE_INSTANCE]: "Instância removida da memória",
  [EvolutionWebhookEvent.LOGOUT_INSTANCE]: "Instância desconectada do telefone",
  [EvolutionWebhookEvent.INSTANCE_CREATE]: "Instância criada",
  [EvolutionWebhookEvent.INSTANCE_DELETE]: "Instância deletada",
} satisfies Record<EvolutionWebhookEvent, string>).map(listed);

export const wahaEventList: readonly ListedEvent[] = Object.entries({
  [WahaWebhookEvent.MESSAGE]: "Nova mensagem",
  [WahaWebhookEvent.MESSAGE_ACK]: "Confirmação de mensagem",
  [WahaWebhookEvent.MESSAGE_REVOKED]: "Mensagem revogada",
  [WahaWebhookEvent.SESSION_STATUS]: "Status da sessão",
  [WahaWebhookEvent.STATE_CHANGED]: "Estado alterado",
  [WahaWebhookEvent.GROUP_JOIN]: "Entrou no grupo",
  [WahaWebhookEvent.GROUP_LEAVE]: "Saiu do grupo",
  [WahaWebhookEvent.POLL_VOTE]: "Voto em enquete",
  [WahaWebhookEvent.POLL_VOTE_FAILED]: "Falha no voto da enquete",
  [WahaWebhookEvent.MESSAGE_ANY]: "Qualquer mensagem, recebida ou enviada",
  [WahaWebhookEvent.MESSAGE_REACTION]: "Reação a uma mensagem",
  [WahaWebhookEvent.MESSAGE_ACK_GROUP]: "Confirmação de mensagem em grupo",
  [WahaWebhookEvent.MESSAGE_WAITING]: "Mensagem aguardando decifração",
  [WahaWebhookEvent.MESSAGE_EDITED]: "Mensagem editada",
  [WahaWebhookEvent.PRESENCE_UPDATE]: "Presença atualizada",
  [WahaWebhookEvent.CHAT_ARCHIVE]: "Chat arquivado ou desarquivado",
  [WahaWebhookEvent.CALL_RECEIVED]: "Chamada recebida",
  [WahaWebhookEvent.CALL_ACCEPTED]: "Chamada atendida",
  [WahaWebhookEvent.CALL_REJECTED]: "Chamada recusada",
  [WahaWebhookEvent.LABEL_UPSERT]: "Etiqueta criada ou editada",
  [WahaWebhookEvent.LABEL_DELETED]: "Etiqueta deletada",
  [WahaWebhookEvent.LABEL_CHAT_ADDED]: "Etiqueta associada a um chat",
  [WahaWebhookEvent.LABEL_CHAT_DELETED]: "Etiqueta removida de um chat",
  [WahaWebhookEvent.GROUP_V2_JOIN]: "O número entrou em um grupo",
  [WahaWebhookEvent.GROUP_V2_LEAVE]: "O número saiu de um grupo",
  [WahaWebhookEvent.GROUP_V2_UPDATE]: "Dados do grupo atualizados",
  [WahaWebhookEvent.GROUP_V2_PARTICIPANTS]: "Participantes do grupo atualizados",
  [WahaWebhookEvent.EVENT_RESPONSE]: "Resposta a um evento do WhatsApp",
  [WahaWebhookEvent.EVENT_RESPONSE_FAILED]: "Falha na resposta a um evento do WhatsApp",
  [WahaWebhookEvent.ENGINE_EVENT]: "Evento interno do motor",
} satisfies Record<WahaWebhookEvent, string>).map(listed);

function listed([name, description]: readonly [string, string]): ListedEvent {
  return { name: documentedSpelling[name] ?? name, description };
}
