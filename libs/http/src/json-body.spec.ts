import { describe, expect, it } from 'vitest';
import { mediaTypeRefusal, parseJson } from './json-body.js';

const parse = (text: string) => parseJson(Buffer.from(text));

describe('a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json ; charset="UTF-8"',
    'application/json; profile=x',
  ])('is taken as %s', (type) => expect(mediaTypeRefusal({ 'content-type': type })).toBeUndefined());

  it.each([
    'text/plain',
    'application/jsonx',
    'application/problem+json',
    'application/json; charset=latin1',
    'application/json; charset=utf-8; charset=utf-16',
    '',
  ])('is refused as %j', (type) => expect(mediaTypeRefusal({ 'content-type': type })).toMatchObject({ slug: 'unsupported-media-type' }));

  it('is refused without a type and with an encoding', () => {
    expect(mediaTypeRefusal({})).toMatchObject({ slug: 'unsupported-media-type' });
    expect(mediaTypeRefusal({ 'content-type': 'application/json', 'content-encoding': 'gzip' })).toMatchObject({
      slug: 'unsupported-media-type',
    });
  });

  it('counts the last value of a doubled member', () => expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 }));

  it.each(['{', "{'a':1}", '\ufeff{}', 'NaN', '{"a":1}x', '{"__proto__":{}}', '[[{"a":{"\\u005f_proto__":1}}]]'])(
    'is not JSON as %j',
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ slug: 'malformed-json' }));
    },
  );

  it('is not JSON when it is not UTF-8', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(expect.objectContaining({ slug: 'malformed-json' }));
    expect(() => parseJson(Buffer.from('"é"', 'latin1'))).toThrow(expect.objectContaining({ slug: 'malformed-json' }));
  });

  it('may be nested as deeply as its size allows without harm', () => {
    expect(parse('['.repeat(32_000) + ']'.repeat(32_000))).toBeInstanceOf(Array);
  });
});
