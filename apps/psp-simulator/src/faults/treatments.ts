import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { drawRefund, drawScenario } from '../scenarios/draw.js';
import {
  behaviours,
  fixedScenarios,
  type AnswerName,
  type Behaviour,
  type RefundAnswerName,
  type Scenario,
} from '../scenarios/scenarios.js';
import { Faults } from './faults.js';

/** How a question is treated, and how often it was asked: 1 is the first time. */
export interface Treatment<Words> {
  readonly words: Words;
  readonly times: number;
}

/** Decides how each question is treated. What was drawn once for a key is how it is treated ever after. */
@Injectable()
export class Treatments {
  constructor(
    private readonly books: DataSource,
    private readonly faults: Faults,
  ) {}

  ofPayment(key: string, method: string, ordinary: Scenario): Promise<Treatment<Scenario>> {
    const { settings } = this.faults;
    const isDrawn = Object.hasOwn(fixedScenarios, method) && Boolean(settings.webhooks ?? (method === 'pm_card_visa' && settings.mix));
    return this.treat(key, ordinary, isDrawn ? method : undefined, (place) => drawScenario(ordinary, method, place, settings));
  }

  ofRefund(key: string, ordinary: RefundAnswerName): Promise<Treatment<{ answer: RefundAnswerName }>> {
    const { settings } = this.faults;
    return this.treat<{ answer: RefundAnswerName }>(key, { answer: ordinary }, settings.refunds && 'refunds', (place) => ({
      answer: drawRefund(ordinary, place, settings),
    }));
  }

  /** @param sequence what it is drawn from; undefined when it is not drawn */
  private async treat<Words extends { answer: AnswerName }>(
    key: string,
    ordinary: Words,
    sequence: string | undefined,
    draw: (place: number) => Words,
  ): Promise<Treatment<Words>> {
    const known = await this.again<Words>(key);
    if (known) return known;
    const { firstTime }: Behaviour = behaviours[ordinary.answer];
    if (sequence === undefined && !firstTime) return { words: ordinary, times: 1 };
    return this.books.transaction(async (books) => {
      const place = sequence === undefined ? null : await this.faults.nextPlace(books, sequence);
      const words = place === null ? ordinary : draw(place);
      await books.query('INSERT INTO treatments (key, scenario, sequence, place) VALUES ($1, $2, $3, $4)', [key, words, sequence, place]);
      return { words, times: 1 };
    });
  }

  private async again<Words>(key: string): Promise<Treatment<Words> | undefined> {
    const [[row]]: [{ words: Words; times: number }[], number] = await this.books.query(
      'UPDATE treatments SET times = times + 1 WHERE key = $1 RETURNING scenario AS words, times',
      [key],
    );
    return row;
  }
}
