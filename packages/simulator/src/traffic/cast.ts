import type { Random } from "../random.ts";
import type { Addressing, Cast, Group, Person } from "./happening.ts";

/** Made-up people: the range 5511900000xxx is nobody's, and every family name says that it is a test. */

const firstNames = [
  "Maria",
  "João",
  "Ana",
  "José",
  "Antônia",
  "Francisco",
  "Luíza",
  "Carlos",
  "Mariana",
  "Paulo",
  "Conceição",
  "Thiago",
  "Júlia",
  "Sebastião",
  "Beatriz",
  "Raimundo",
];
const familyNames = ["Teste", "Exemplo", "Modelo"];

/** Most people are still addressed by phone; of the others most have a phone that is known. */
const addressings: readonly Addressing[] = ["phone", "phone", "phone", "lid", "lid", "lid_only"];

const threeDigits = (value: number): string => String(value % 1_000).padStart(3, "0");

export function createPerson(number: number, name: string, addressing: Addressing): Person {
  const digits = threeDigits(number);
  return { name, phone: `5511900000${digits}`, lid: `200000000000${digits}@lid`, addressing };
}

/** The people around the number of `index`: twelve contacts and two groups of some of them. */
export function createCast(index: number, profileName: string, random: Random): Cast {
  const people = Array.from({ length: 12 }, (_, position) => {
    const name = `${random.pick(firstNames)} ${random.pick(familyNames)}`;
    return createPerson(200 + index * 20 + position, name, random.pick(addressings));
  });
  const groups = Array.from({ length: 2 }, (_, position): Group => {
    const members = people.filter(() => random.chance(0.5));
    const id = `120363000000000${threeDigits(200 + index * 2 + position)}@g.us`;
    return { id, members: members.length > 0 ? members : people };
  });
  return { me: createPerson(100 + index, profileName, "phone"), people, groups };
}

export const questions: readonly string[] = [
  "Olá, tudo bem? 👋",
  "Bom dia! Vocês abrem hoje?",
  "Boa tarde, qual o valor da entrega?",
  "Quero fazer um pedido 🛒",
  "Já saiu para entrega?",
  "Consigo remarcar para amanhã às 15h?",
  "O boleto venceu, pode gerar outro?",
  "Aceita Pix?",
  "Segue o comprovante",
  "Não recebi o código de confirmação",
  "Tem esse produto na cor azul?",
  "Obrigada! ❤️",
  "Qual o endereço da loja?",
  "Preciso falar com um atendente",
  "Meu nome é Conceição, com ç e ã",
  "oi",
  "👍",
];

export const answers: readonly string[] = [
  "Olá! Como posso ajudar?",
  "Abrimos das 8h às 18h, de segunda a sábado.",
  "A entrega fica em R$ 12,00 para o seu bairro.",
  "Pedido confirmado ✅",
  "Seu pedido saiu para entrega e chega em até 40 minutos.",
  "Reagendado para amanhã às 15h.",
  "Segunda via enviada por e-mail.",
  "Aceitamos Pix, cartão e dinheiro.",
  "Um momento, vou verificar.",
  "Por nada! Estamos à disposição 😊",
];

export const groupTalk: readonly string[] = [
  "Bom dia, grupo! ☀️",
  "Quem fica com o plantão de sábado?",
  "Reunião às 14h, não esqueçam",
  "Chegou mercadoria nova 📦",
  "kkkkkk",
  "Alguém viu a chave do depósito?",
];

export const captions: readonly string[] = [
  "foto do produto",
  "Segue o comprovante",
  "Chegou com defeito, olha",
];
export const emojis: readonly string[] = ["👍", "❤️", "😂", "🙏", "👏"];
