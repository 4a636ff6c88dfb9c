import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { CONTROLLER_WATERMARK, GUARDS_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ACCESS, type Access } from '#libs/http';
import { SettingsController } from '#libs/messaging';
import { projectRoot } from '#libs/testing';

export interface Route {
  readonly app: string;
  readonly method: string;
  /** As its decorators have it: `/orders/:id`. */
  readonly path: string;
  /** Undefined where no decorator says who may use it. */
  readonly access: Access | undefined;
  /** The names of the guards that stand before it besides. */
  readonly guards: readonly string[];
}

export const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;

/** Those that have the settings which messaging brings along. */
const servicesWithSettings = ['order', 'payment', 'notification', 'console'];

/** Every route of every controller of every app, read from the sources: a new one is in it without anybody's doing. */
export async function allRoutes(): Promise<Route[]> {
  const files = readdirSync(join(projectRoot, 'apps'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.spec(-support)?\.ts$/.test(file))
    .filter((file) => /^@Controller\(/m.test(readFileSync(join(projectRoot, 'apps', file), 'utf8')));
  const routes = await Promise.all(
    files.map(async (file) => {
      const exported = Object.values((await import(join(projectRoot, 'apps', file))) as Record<string, unknown>);
      const [app = ''] = file.split('/');
      return exported
        .filter((one): one is Controller => typeof one === 'function' && Reflect.hasMetadata(CONTROLLER_WATERMARK, one))
        .flatMap((controller) => routesOf(app, controller));
    }),
  );
  return [...routes.flat(), ...servicesWithSettings.flatMap((app) => routesOf(app, SettingsController))];
}

type Controller = new (...given: never[]) => object;

function routesOf(app: string, controller: Controller): Route[] {
  const prototype = controller.prototype as Record<string, Function>;
  const base: string = Reflect.getMetadata(PATH_METADATA, controller);
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name]!;
    const method: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, handler);
    // What answers messages has none.
    if (method === undefined) return [];
    const own: string = Reflect.getMetadata(PATH_METADATA, handler);
    const guards: Function[] = [controller, handler].flatMap((where) => (Reflect.getMetadata(GUARDS_METADATA, where) as Function[]) ?? []);
    return [
      {
        app,
        method: RequestMethod[method],
        path: `/${[base, own]
          .flatMap((part) => part.split('/'))
          .filter(Boolean)
          .join('/')}`,
        access: (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as Access | undefined,
        guards: guards.map((guard) => guard.name),
      },
    ];
  });
}
