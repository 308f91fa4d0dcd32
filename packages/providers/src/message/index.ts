export { absentContent, contentOf, findContent } from "./content.ts";
export {
  compact,
  firstMember,
  flagAt,
  idAt,
  listOf,
  member,
  objectAt,
  objectOf,
  textOf,
  wordAt,
} from "./read/members.ts";
export { countOf, integerOf, numberOf } from "./read/numbers.ts";
export { takenFile } from "./media.ts";
export { pollVote, type PollVote } from "./poll-vote.ts";
export { protocolChange, protocolChangeOf, type ProtocolChange } from "./protocol-change.ts";
export { stubContent } from "./stub.ts";
export { timeMs } from "./read/time.ts";
