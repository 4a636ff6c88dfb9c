import { join } from 'node:path';
import { TokenIssuer } from '#libs/issuer';

/**
 * The issuer that a folder's demo takes tokens of.
 * @throws NotInProduction
 */
export const issuerOfDemo = (folder: string): TokenIssuer => TokenIssuer.at(join(folder, 'issuer'));

/** A token for what an operator does at a folder's demo within the hour. */
export const operatorTokenOfDemo = (folder: string, operator: string): string => issuerOfDemo(folder).token(operator, 'operator', 3600);
