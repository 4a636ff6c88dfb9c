import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, ForOperators, InstantView, Refusals, type Operator } from '#libs/http';
import { RunTimeSettings, type SettingState } from './run-time-settings.js';

const Value = z.union([z.string().max(100), z.number(), z.boolean()]);
const Reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .meta({ description: 'Why: it is kept with your name.', examples: ['orders vanish, and nobody knows where'] });

const ChangeBody = z.strictObject({ value: Value.meta({ examples: ['debug'] }), reason: Reason }).meta({ id: 'ChangeSetting' });
type ChangeBody = z.infer<typeof ChangeBody>;
const ResetQuery = z.strictObject({ reason: Reason });
type ResetQuery = z.infer<typeof ResetQuery>;

const SettingView = z
  .object({
    name: z.string().meta({ examples: ['log-level'] }),
    meaning: z.string(),
    value: Value.meta({ description: 'What applies on this replica now.', examples: ['debug'] }),
    configured: Value.meta({ description: 'What applies when no operator has said otherwise.', examples: ['info'] }),
    changed: z
      .object({
        value: z.unknown().meta({
          description: 'What was asked for; null is what is configured. Another `value` than this applies where a version refuses it.',
          examples: ['debug'],
        }),
        at: InstantView,
        by: z.string(),
        reason: z.string(),
      })
      .nullable()
      .meta({ description: 'The last change, be it back to what is configured.' }),
  })
  .meta({ id: 'Setting' });
type SettingView = z.infer<typeof SettingView>;
const SettingList = z.object({ items: z.array(SettingView) }).meta({ id: 'SettingList' });

@ApiTags('settings')
@ForOperators()
@Controller('settings')
export class SettingsController {
  constructor(private readonly settings: RunTimeSettings) {}

  @Get()
  @ApiOperation({ summary: 'List what can be set while the service runs', description: 'As it applies on the replica that answers.' })
  @ApiOkResponse({ standardSchema: SettingList })
  listSettings(): z.infer<typeof SettingList> {
    return { items: this.settings.list().map(settingView) };
  }

  @Put(':name')
  @ApiOperation({
    summary: 'Change a setting on every replica',
    description: 'It applies on the replica that answers when it answers, on the others a moment later, and after a restart as well.',
  })
  @ApiParam({ name: 'name', example: 'log-level' })
  @ApiOkResponse({ standardSchema: SettingView })
  @Refusals('setting-not-found')
  async changeSetting(
    @Param('name') name: string,
    @Body({ schema: ChangeBody }) { value, reason }: ChangeBody,
    @CallerParam() { name: by }: Operator,
  ): Promise<SettingView> {
    return settingView(await this.settings.change(name, value, { by, reason }));
  }

  @Delete(':name')
  @ApiOperation({ summary: 'Take a setting back to what is configured, on every replica' })
  @ApiParam({ name: 'name', example: 'log-level' })
  @ApiOkResponse({ standardSchema: SettingView })
  @Refusals('setting-not-found')
  async resetSetting(
    @Param('name') name: string,
    @Query({ schema: ResetQuery }) { reason }: ResetQuery,
    @CallerParam() { name: by }: Operator,
  ): Promise<SettingView> {
    return settingView(await this.settings.change(name, undefined, { by, reason }));
  }
}

function settingView({ setting: { name, meaning, configured }, value, changed }: SettingState): SettingView {
  return { name, meaning, value, configured, changed: changed && { ...changed, at: changed.at.toISOString() } };
}
