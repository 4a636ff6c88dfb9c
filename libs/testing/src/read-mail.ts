export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** The plain text part. */
  readonly text: string;
  readonly messageId: string;
  /** All headers, by lower-case name; of a repeated one, the last. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads what nodemailer writes: enough of RFC 5322 and MIME for plain text, also as a part of several. */
export function readMail(source: string): Mail {
  const { headers, body } = split(source);
  return {
    from: headers['from'] ?? '',
    to: headers['to'] ?? '',
    subject: headers['subject'] ?? '',
    text: plainText(headers, body),
    messageId: headers['message-id'] ?? '',
    headers,
  };
}

function split(source: string): { headers: Record<string, string>; body: string } {
  const end = source.indexOf('\r\n\r\n');
  const head = end < 0 ? source : source.slice(0, end);
  const headers: Record<string, string> = {};
  for (const line of head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = decodeWords(line.slice(colon + 1).trim());
  }
  return { headers, body: end < 0 ? '' : source.slice(end + 4) };
}

/** RFC 2047: `=?UTF-8?Q?caf=C3=A9?=`; space between two such words means nothing. */
function decodeWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?([^?]+)\?([QB])\?([^?]*)\?=/gi, (_, _charset, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString('utf8') : quotedPrintable(word.replaceAll('_', ' ')),
    );
}

function plainText(headers: Readonly<Record<string, string>>, body: string): string {
  const boundary = /boundary="?([^";]+)"?/i.exec(headers['content-type'] ?? '')?.[1];
  if (boundary !== undefined) {
    const parts = body
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => split(part.replace(/^\r\n/, '')));
    const plain = parts.find((part) => (part.headers['content-type'] ?? 'text/plain').startsWith('text/plain')) ?? parts[0];
    return plain ? plainText(plain.headers, plain.body) : '';
  }
  const encoding = (headers['content-transfer-encoding'] ?? '7bit').toLowerCase();
  const decoded =
    encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : encoding === 'quoted-printable' ? quotedPrintable(body) : body;
  return decoded.replaceAll('\r\n', '\n').trimEnd();
}

function quotedPrintable(text: string): string {
  const bytes = text.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
