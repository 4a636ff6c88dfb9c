export { NotInProduction, TokenIssuer, type Role } from './token-issuer.js';
