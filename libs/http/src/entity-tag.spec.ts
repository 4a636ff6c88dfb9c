import { describe, expect, it } from 'vitest';
import { meetsIfMatch, meetsIfNoneMatch } from './entity-tag.js';

describe('If-Match', () => {
  it.each([undefined, '*', ' * ', '"2"', '"1", "2"', '"1",, "2" ,', '"a,b" , "2"', '\t"2"'])('is met by version 2: %s', (header) => {
    expect(meetsIfMatch(header, '"2"')).toBe(true);
  });

  it.each(['"1"', 'W/"2"', '2', '"2', '', ',', '*, "2"', '"2" "1"', '"2", nonsense', '"2 "', 'w/"2"', '"1,"2"', '""', '"\0"'])(
    'is not met by version 2: %s',
    (header) => {
      expect(meetsIfMatch(header, '"2"')).toBe(false);
    },
  );
});

describe('If-None-Match', () => {
  it.each(['*', '"2"', 'W/"2"', '"1", W/"2"'])('says that version 2 is known: %s', (header) => {
    expect(meetsIfNoneMatch(header, '"2"')).toBe(false);
  });

  it.each([undefined, '"1"', 'W/"1"', '2', '', '"2" "1"'])('asks for version 2: %s', (header) => {
    expect(meetsIfNoneMatch(header, '"2"')).toBe(true);
  });
});
