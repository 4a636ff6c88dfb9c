// Generated from the OpenAPI document of the service: UPDATE_DOCS=1 npm test -- tests/docs/client

export interface paths {
    "/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List dead letters
         * @description Those that died last come first.
         */
        get: operations["BrowseDeadLetters_listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count dead letters by queue, type and error
         * @description The largest groups first, at most 200.
         */
        get: operations["BrowseDeadLetters_listGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one dead letter
         * @description With what it says, e-mail addresses and card numbers hidden, and with every replay and its outcome.
         */
        get: operations["BrowseDeadLetters_showDeadLetter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a dead letter to its queue again
         * @description One delivery, to the queue that failed. What becomes of it is shown with the letter.
         */
        post: operations["ReplayDeadLetters_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/{id}/edit-and-replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mend what a dead letter says, and give it to its queue again
         * @description What it is to say is held against its type's schema. What it said before is kept.
         */
        post: operations["ReplayDeadLetters_editAndReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give many dead letters to their queues again
         * @description All that are parked and fit the filter, up to a limit, those that died first. A dry run unless told otherwise.
         */
        post: operations["ReplayDeadLetters_replayMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide that a dead letter is never handled
         * @description It is kept, and can be looked at.
         */
        post: operations["DiscardDeadLetter_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the queues
         * @description Every queue of the topology, with what waits in it and who takes from it.
         */
        get: operations["BrowseQueues_listQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/outbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what each service has yet to send
         * @description Asked of the services. One that does not answer within 2 s is a gap with its reason.
         */
        get: operations["BrowseOutboxes_listOutboxes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what happened to one order
         * @description By every service, and by the audit trail. A service that does not answer within 2 s is named among the gaps.
         */
        get: operations["Conversations_showConversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what callers did
         * @description The last first. Calls are reported at most once, so one may be missing: `orderly_activity_dropped_total` counts those.
         */
        get: operations["BrowseActivity_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what can be set while the service runs
         * @description As it applies on the replica that answers.
         */
        get: operations["Settings_listSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/settings/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a setting on every replica
         * @description It applies on the replica that answers when it answers, on the others a moment later, and after a restart as well.
         */
        put: operations["Settings_changeSetting"];
        post?: never;
        /** Take a setting back to what is configured, on every replica */
        delete: operations["Settings_resetSetting"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        DeadLetterList: {
            items: components["schemas"]["DeadLetter"][];
            next: string | null;
        };
        DeadLetter: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            messageId: string;
            /** @description The queue that gave it up. */
            queue: string;
            type: string | null;
            orderId: string | null;
            /** @enum {string} */
            status: "parked" | "replaying" | "done" | "duplicate" | "discarded";
            /** @example schema-violation */
            reason: string;
            error: string;
            attempts: number;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            diedAt: string;
        };
        DeadLetterGroupList: {
            items: components["schemas"]["DeadLetterGroup"][];
        };
        DeadLetterGroup: {
            queue: string;
            type: string | null;
            reason: string;
            /** @description Without what differs from one message to the next. */
            error: string;
            count: number;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            firstDiedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            lastDiedAt: string;
        };
        DeadLetterWithHistory: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            messageId: string;
            /** @description The queue that gave it up. */
            queue: string;
            type: string | null;
            orderId: string | null;
            /** @enum {string} */
            status: "parked" | "replaying" | "done" | "duplicate" | "discarded";
            /** @example schema-violation */
            reason: string;
            error: string;
            attempts: number;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            diedAt: string;
            headers: {
                [key: string]: unknown;
            };
            /** @description What the message says; null when that is no JSON. */
            data: unknown;
            /** @description The body as text, in place of `data`; its beginning when it is long. */
            text: string | null;
            /** @description The size of the body. */
            bytes: number;
            /** @description What it said before an operator changed that; null when nobody has. */
            original: unknown;
            /** @description Where everything is that happened to its order. */
            conversation: string | null;
            replays: {
                /** Format: uuid */
                id: string;
                edited: boolean;
                operator: string;
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
                /** @enum {string} */
                outcome: "pending" | "done" | "duplicate" | "dead";
                settledAt: string | null;
            }[];
            history: {
                sequence: number;
                /** @enum {string} */
                status: "parked" | "replaying" | "done" | "duplicate" | "discarded";
                cause: string;
                error: string | null;
                replayId: string | null;
                operator: string | null;
                reason: string | null;
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
            }[];
        };
        ReplayDeadLetter: {
            /**
             * @description Why: it is kept with your name.
             * @example the sender is mended
             */
            reason: string;
        };
        ReplayedDeadLetter: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            replayId: string;
            /** @enum {string} */
            status: "replaying";
        };
        EditDeadLetter: {
            /**
             * @description Why: it is kept with your name.
             * @example the sender is mended
             */
            reason: string;
            /** @description What the message is to say: all of it. What is hidden where it is shown may stay as it is shown. */
            data: unknown;
        };
        ReplayDeadLetters: {
            filter: {
                queue?: string;
                type?: string;
                /** @description The `error` of a group. */
                error?: string;
            };
            /**
             * @description Why: it is kept with your name.
             * @example the sender is mended
             */
            reason: string;
            /**
             * @description The most to replay: those that died first.
             * @default 100
             */
            limit?: number;
            /**
             * @description Only say what would be replayed.
             * @default true
             */
            dryRun?: boolean;
        };
        ReplayedDeadLetters: {
            dryRun: boolean;
            /** @description Parked letters that the filter fits, however many are replayed. */
            matching: number;
            /** @description Of these: no text, of a queue that is no more, or said too long ago. */
            notReplayable: number;
            /** @description What was replayed, or would be. */
            ids: string[];
        };
        DiscardDeadLetter: {
            /**
             * @description Why: it is kept with your name.
             * @example the sender is mended
             */
            reason: string;
        };
        DiscardedDeadLetter: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "discarded";
        };
        QueueList: {
            items: components["schemas"]["Queue"][];
        };
        Queue: {
            name: string;
            /** @description Ready to be delivered; null when the queue is not there. */
            messages: number | null;
            consumers: number | null;
        };
        OutboxList: {
            items: components["schemas"]["Outbox"][];
        };
        Outbox: {
            service: string;
            /** @description Messages that are written and not yet sent. */
            waiting: number | null;
            /** @description Messages that the broker kept refusing. */
            parked: number | null;
            /** @description The age of the oldest that waits. */
            oldestSeconds: number | null;
            /** @description Why nothing is known of it. */
            gap: string | null;
        };
        /** @description Everything that happened to one order */
        Conversation: {
            /** Format: uuid */
            orderId: string;
            /** @description Null when the order service does not know it, or does not answer. */
            order: {
                /** Format: uuid */
                id: string;
                status: string;
                total: components["schemas"]["Money"];
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                placedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                paymentDeadline: string;
            } | null;
            /** @description In the order of time, and never before its cause. */
            entries: {
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
                /** @description The service that it happened in. */
                source: string;
                /** @enum {string} */
                kind: "request" | "change" | "message" | "waiting" | "parked" | "delivery" | "attempt" | "question" | "webhook" | "refund" | "mail" | "dead-letter";
                what: string;
                id: string;
                /** @description The `id` of what made it necessary, as far as anybody knows. */
                causedBy?: string;
                details?: {
                    [key: string]: unknown;
                };
            }[];
            /** @description Who has not told their part, and why. */
            gaps: {
                source: string;
                reason: string;
            }[];
        };
        /**
         * @example {
         *       "amountMinor": 1299,
         *       "currency": "EUR"
         *     }
         */
        Money: {
            /** @description In the smallest unit of the currency: cents. */
            amountMinor: number;
            /** @description ISO 4217. */
            currency: string;
        };
        ActivityList: {
            items: components["schemas"]["Activity"][];
            next: string | null;
        };
        Activity: {
            /** Format: uuid */
            id: string;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            at: string;
            service: string;
            instance: string;
            /** @example POST */
            method: string;
            /** @example /orders */
            route: string;
            status: number;
            durationMs: number;
            caller: string | null;
            orderId: string | null;
            traceId: string;
        };
        SettingList: {
            items: components["schemas"]["Setting"][];
        };
        Setting: {
            /** @example log-level */
            name: string;
            meaning: string;
            /**
             * @description What applies on this replica now.
             * @example debug
             */
            value: string | number | boolean;
            /**
             * @description What applies when no operator has said otherwise.
             * @example info
             */
            configured: string | number | boolean;
            /** @description The last change, be it back to what is configured. */
            changed: {
                /**
                 * @description What was asked for; null is what is configured. Another `value` than this applies where a version refuses it.
                 * @example debug
                 */
                value: unknown;
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
                by: string;
                reason: string;
            } | null;
        };
        ChangeSetting: {
            /** @example debug */
            value: string | number | boolean;
            /**
             * @description Why: it is kept with your name.
             * @example orders vanish, and nobody knows where
             */
            reason: string;
        };
        Problem: {
            /** @example /problems/order-not-found */
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @description The path of the request. */
            instance: string;
            /** @description Names this request in our logs and traces. */
            traceId: string;
            /** @description All of them at once; with `/problems/validation` alone. */
            errors?: components["schemas"]["FieldError"][];
        };
        FieldError: {
            /**
             * @description Where it is: a JSON pointer into the body or the query.
             * @example #/items/0/quantity
             */
            pointer: string;
            /** @example too-small */
            code: string;
            message: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    BrowseDeadLetters_listDeadLetters: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                queue?: string;
                type?: string;
                /** @description The `error` of a group. */
                error?: string;
                status?: "parked" | "replaying" | "done" | "duplicate" | "discarded";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "messageId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "queue": "queue",
                     *           "type": "type",
                     *           "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "status": "parked",
                     *           "reason": "schema-violation",
                     *           "error": "error",
                     *           "attempts": 1,
                     *           "diedAt": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetterList"];
                };
            };
            /** @description `/problems/invalid-cursor`: The cursor is not one that was given out for this list */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/invalid-cursor";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    BrowseDeadLetters_listGroups: {
        parameters: {
            query?: {
                status?: "parked" | "replaying" | "done" | "duplicate" | "discarded";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "queue": "queue",
                     *           "type": "type",
                     *           "reason": "reason",
                     *           "error": "error",
                     *           "count": 1,
                     *           "firstDiedAt": "2026-01-01T12:00:00.000Z",
                     *           "lastDiedAt": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetterGroupList"];
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    BrowseDeadLetters_showDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "messageId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "queue": "queue",
                     *       "type": "type",
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "parked",
                     *       "reason": "schema-violation",
                     *       "error": "error",
                     *       "attempts": 1,
                     *       "diedAt": "2026-01-01T12:00:00.000Z",
                     *       "headers": {},
                     *       "data": {},
                     *       "text": "text",
                     *       "bytes": 1,
                     *       "original": {},
                     *       "conversation": "conversation",
                     *       "replays": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "edited": true,
                     *           "operator": "operator",
                     *           "reason": "reason",
                     *           "at": "2026-01-01T12:00:00.000Z",
                     *           "outcome": "pending",
                     *           "settledAt": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "sequence": 1,
                     *           "status": "parked",
                     *           "cause": "cause",
                     *           "error": "error",
                     *           "replayId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "operator": "operator",
                     *           "reason": "reason",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetterWithHistory"];
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/dead-letter-not-found`: There is no such dead letter */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-found";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    ReplayDeadLetters_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "the sender is mended"
                 *     }
                 */
                "application/json": components["schemas"]["ReplayDeadLetter"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "replayId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "replaying"
                     *     }
                     */
                    "application/json": components["schemas"]["ReplayedDeadLetter"];
                };
            };
            /** @description `/problems/malformed-json`: The body is not the JSON that is due here */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/malformed-json";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/dead-letter-not-found`: There is no such dead letter */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-found";
                    };
                };
            };
            /**
             * @description `/problems/dead-letter-not-parked`: The dead letter is not parked any more
             *
             *     `/problems/dead-letter-not-replayable`: The dead letter cannot be sent to any queue as it is
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-parked" | "/problems/dead-letter-not-replayable";
                    };
                };
            };
            /** @description `/problems/body-too-large`: The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/body-too-large";
                    };
                };
            };
            /** @description `/problems/unsupported-media-type`: The body is not application/json in UTF-8 without a content encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unsupported-media-type";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    ReplayDeadLetters_editAndReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "the sender is mended",
                 *       "data": {}
                 *     }
                 */
                "application/json": components["schemas"]["EditDeadLetter"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "replayId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "replaying"
                     *     }
                     */
                    "application/json": components["schemas"]["ReplayedDeadLetter"];
                };
            };
            /** @description `/problems/malformed-json`: The body is not the JSON that is due here */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/malformed-json";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/dead-letter-not-found`: There is no such dead letter */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-found";
                    };
                };
            };
            /**
             * @description `/problems/dead-letter-not-parked`: The dead letter is not parked any more
             *
             *     `/problems/dead-letter-not-replayable`: The dead letter cannot be sent to any queue as it is
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-parked" | "/problems/dead-letter-not-replayable";
                    };
                };
            };
            /** @description `/problems/body-too-large`: The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/body-too-large";
                    };
                };
            };
            /** @description `/problems/unsupported-media-type`: The body is not application/json in UTF-8 without a content encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unsupported-media-type";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    ReplayDeadLetters_replayMany: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": {
                 *         "queue": "queue",
                 *         "type": "type",
                 *         "error": "error"
                 *       },
                 *       "reason": "the sender is mended",
                 *       "limit": 100,
                 *       "dryRun": true
                 *     }
                 */
                "application/json": components["schemas"]["ReplayDeadLetters"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "dryRun": true,
                     *       "matching": 1,
                     *       "notReplayable": 1,
                     *       "ids": [
                     *         "0199b3a0-0000-7000-8000-000000000001"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ReplayedDeadLetters"];
                };
            };
            /** @description `/problems/malformed-json`: The body is not the JSON that is due here */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/malformed-json";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/body-too-large`: The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/body-too-large";
                    };
                };
            };
            /** @description `/problems/unsupported-media-type`: The body is not application/json in UTF-8 without a content encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unsupported-media-type";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    DiscardDeadLetter_discard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "the sender is mended"
                 *     }
                 */
                "application/json": components["schemas"]["DiscardDeadLetter"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "discarded"
                     *     }
                     */
                    "application/json": components["schemas"]["DiscardedDeadLetter"];
                };
            };
            /** @description `/problems/malformed-json`: The body is not the JSON that is due here */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/malformed-json";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/dead-letter-not-found`: There is no such dead letter */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-found";
                    };
                };
            };
            /** @description `/problems/dead-letter-not-parked`: The dead letter is not parked any more */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/dead-letter-not-parked";
                    };
                };
            };
            /** @description `/problems/body-too-large`: The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/body-too-large";
                    };
                };
            };
            /** @description `/problems/unsupported-media-type`: The body is not application/json in UTF-8 without a content encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unsupported-media-type";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    BrowseQueues_listQueues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "name",
                     *           "messages": 1,
                     *           "consumers": 1
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["QueueList"];
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    BrowseOutboxes_listOutboxes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "service": "service",
                     *           "waiting": 1,
                     *           "parked": 1,
                     *           "oldestSeconds": 1,
                     *           "gap": "gap"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["OutboxList"];
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    Conversations_showConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "order": {
                     *         "id": "0199b3a0-0000-7000-8000-000000000001",
                     *         "status": "status",
                     *         "total": {
                     *           "amountMinor": 1299,
                     *           "currency": "EUR"
                     *         },
                     *         "placedAt": "2026-01-01T12:00:00.000Z",
                     *         "paymentDeadline": "2026-01-01T12:00:00.000Z"
                     *       },
                     *       "entries": [
                     *         {
                     *           "at": "2026-01-01T12:00:00.000Z",
                     *           "source": "source",
                     *           "kind": "request",
                     *           "what": "what",
                     *           "id": "id",
                     *           "causedBy": "causedBy",
                     *           "details": {}
                     *         }
                     *       ],
                     *       "gaps": [
                     *         {
                     *           "source": "source",
                     *           "reason": "reason"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/order-not-found`: There is no such order */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/order-not-found";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    BrowseActivity_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                /** @description `customer:` or `operator:`, and the name. */
                caller?: string;
                service?: string;
                orderId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "at": "2026-01-01T12:00:00.000Z",
                     *           "service": "service",
                     *           "instance": "instance",
                     *           "method": "POST",
                     *           "route": "/orders",
                     *           "status": 1,
                     *           "durationMs": 1,
                     *           "caller": "caller",
                     *           "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "traceId": "traceId"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["ActivityList"];
                };
            };
            /** @description `/problems/invalid-cursor`: The cursor is not one that was given out for this list */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/invalid-cursor";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    Settings_listSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "log-level",
                     *           "meaning": "meaning",
                     *           "value": "debug",
                     *           "configured": "info",
                     *           "changed": {
                     *             "value": "debug",
                     *             "at": "2026-01-01T12:00:00.000Z",
                     *             "by": "by",
                     *             "reason": "reason"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SettingList"];
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    Settings_changeSetting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example log-level */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "value": "debug",
                 *       "reason": "orders vanish, and nobody knows where"
                 *     }
                 */
                "application/json": components["schemas"]["ChangeSetting"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "log-level",
                     *       "meaning": "meaning",
                     *       "value": "debug",
                     *       "configured": "info",
                     *       "changed": {
                     *         "value": "debug",
                     *         "at": "2026-01-01T12:00:00.000Z",
                     *         "by": "by",
                     *         "reason": "reason"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Setting"];
                };
            };
            /** @description `/problems/malformed-json`: The body is not the JSON that is due here */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/malformed-json";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/setting-not-found`: There is no such setting */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/setting-not-found";
                    };
                };
            };
            /** @description `/problems/body-too-large`: The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/body-too-large";
                    };
                };
            };
            /** @description `/problems/unsupported-media-type`: The body is not application/json in UTF-8 without a content encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unsupported-media-type";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
    Settings_resetSetting: {
        parameters: {
            query: {
                /**
                 * @description Why: it is kept with your name.
                 * @example orders vanish, and nobody knows where
                 */
                reason: string;
            };
            header?: never;
            path: {
                /** @example log-level */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "log-level",
                     *       "meaning": "meaning",
                     *       "value": "debug",
                     *       "configured": "info",
                     *       "changed": {
                     *         "value": "debug",
                     *         "at": "2026-01-01T12:00:00.000Z",
                     *         "by": "by",
                     *         "reason": "reason"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Setting"];
                };
            };
            /** @description `/problems/malformed-json`: The body is not the JSON that is due here */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/malformed-json";
                    };
                };
            };
            /** @description `/problems/unauthenticated`: It is not known who is calling */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unauthenticated";
                    };
                };
            };
            /** @description `/problems/forbidden`: The caller may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/forbidden";
                    };
                };
            };
            /** @description `/problems/setting-not-found`: There is no such setting */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/setting-not-found";
                    };
                };
            };
            /** @description `/problems/body-too-large`: The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/body-too-large";
                    };
                };
            };
            /** @description `/problems/unsupported-media-type`: The body is not application/json in UTF-8 without a content encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/unsupported-media-type";
                    };
                };
            };
            /**
             * @description `/problems/validation`: The request has members that are not as they should be
             *
             *     `/problems/card-number-refused`: Card numbers are not accepted here
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/validation" | "/problems/card-number-refused";
                    };
                };
            };
            /** @description `/problems/too-many-requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/too-many-requests";
                    };
                };
            };
            /** @description `/problems/internal-error`: Something went wrong on our side */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/internal-error";
                    };
                };
            };
            /** @description `/problems/temporarily-unavailable`: The service cannot answer right now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/temporarily-unavailable";
                    };
                };
            };
        };
    };
}
