// Generated from the OpenAPI document of the service: UPDATE_DOCS=1 npm test -- tests/docs/client

export interface paths {
    "/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a customer was told about an order
         * @description Newest first, one per event and channel; the live stream leaves none. An order that is not known, or not yours, has an empty list.
         */
        get: operations["BrowseNotifications_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hear what happens, as it happens
         * @description Server-sent events, from now on and at most once: what is missed stays missed, and `GET /notifications` has it. `event` is the kind of notification, `id` the event that it tells of, `data` an object `{ orderId, kind, at, subject }`. A customer hears of their own orders, an operator of all. A comment comes every 15 s. A client that does not read is cut off.
         */
        get: operations["Live_listen"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deliveries of webhooks
         * @description Newest first, each with every try that was made.
         */
        get: operations["WebhookDeliveries_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show one delivery of a webhook */
        get: operations["WebhookDeliveries_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-deliveries/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a webhook again
         * @description One that has ended, well or not: with the same `webhook-id`, and with all the tries that a new one has.
         */
        post: operations["WebhookDeliveries_redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the endpoints for webhooks
         * @description Newest first.
         */
        get: operations["WebhookEndpoints_list"];
        put?: never;
        /**
         * Register an endpoint for webhooks
         * @description From now on it gets a signed POST ([Standard Webhooks](https://www.standardwebhooks.com)) for each event of these types, at least once, in no certain order. The secret stands in this answer alone.
         */
        post: operations["WebhookEndpoints_register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show an endpoint for webhooks */
        get: operations["WebhookEndpoints_show"];
        put?: never;
        post?: never;
        /**
         * Remove an endpoint for webhooks
         * @description With its secret and the log of its deliveries.
         */
        delete: operations["WebhookEndpoints_remove"];
        options?: never;
        head?: never;
        /**
         * Enable an endpoint for webhooks again, or disable it
         * @description What happens while it is disabled is not sent later. What was waiting goes on if it is enabled before its next try, and has failed otherwise: then it can be redelivered.
         */
        patch: operations["WebhookEndpoints_change"];
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
        NotificationList: {
            items: components["schemas"]["Notification"][];
            next: string | null;
        };
        Notification: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            orderId: string;
            /** @enum {string} */
            kind: "order-placed" | "order-paid" | "order-cancelled" | "order-expired" | "order-refunded" | "payment-declined" | "payment-returned";
            /** @enum {string} */
            channel: "email";
            /**
             * @description `failed`: the recipient cannot be reached.
             * @enum {string}
             */
            status: "pending" | "sent" | "failed";
            /**
             * Format: date-time
             * @description When it happened.
             * @example 2026-01-01T12:00:00.000Z
             */
            at: string;
        };
        /**
         * @example order.paid
         * @enum {string}
         */
        WebhookEventType: "order.placed" | "order.paid" | "order.cancelled" | "order.expired" | "order.refunded" | "payment.declined" | "payment.returned";
        WebhookDeliveryList: {
            items: components["schemas"]["WebhookDelivery"][];
            next: string | null;
        };
        WebhookDelivery: {
            /**
             * Format: uuid
             * @description The `webhook-id` of each try.
             */
            id: string;
            /** Format: uuid */
            endpointId: string;
            /** Format: uuid */
            eventId: string;
            /** Format: uuid */
            orderId: string;
            eventType: string;
            /**
             * @description `failed`: no try is left, or its endpoint is disabled.
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed";
            /** @description Oldest first. */
            attempts: {
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
                durationMs: number;
                /** @description Of the receiver’s answer. Nothing else of it is kept. */
                answerStatus: number | null;
                /**
                 * @description Why there was no answer.
                 * @example timeout
                 */
                error: string | null;
            }[];
            nextAttemptAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            createdAt: string;
        };
        RegisterWebhookEndpoint: {
            /**
             * @description https, without a login.
             * @example https://shop.example/webhooks
             */
            url: string;
            /** @description What it is told of. */
            eventTypes: components["schemas"]["WebhookEventType"][];
        };
        RegisteredWebhookEndpoint: {
            /** Format: uuid */
            id: string;
            url: string;
            eventTypes: string[];
            /** @enum {string} */
            status: "enabled" | "disabled";
            /** @description `failing`: too many deliveries failed in a row. `gone`: it answered 410. `operator`: somebody did it. */
            disabled: {
                /** @enum {string} */
                reason: "failing" | "gone" | "operator";
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
            } | null;
            /** @description Deliveries that failed, each after its last try, since one was accepted. */
            failedInARow: number;
            createdBy: string;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            createdAt: string;
            /**
             * @description Deliveries are signed with it. Shown here, and never again.
             * @example whsec_…
             */
            secret: string;
        };
        WebhookEndpointList: {
            items: components["schemas"]["WebhookEndpoint"][];
            next: string | null;
        };
        WebhookEndpoint: {
            /** Format: uuid */
            id: string;
            url: string;
            eventTypes: string[];
            /** @enum {string} */
            status: "enabled" | "disabled";
            /** @description `failing`: too many deliveries failed in a row. `gone`: it answered 410. `operator`: somebody did it. */
            disabled: {
                /** @enum {string} */
                reason: "failing" | "gone" | "operator";
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
            } | null;
            /** @description Deliveries that failed, each after its last try, since one was accepted. */
            failedInARow: number;
            createdBy: string;
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            createdAt: string;
        };
        ChangeWebhookEndpoint: {
            /** @description true begins to count failures anew. */
            enabled: boolean;
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
    BrowseNotifications_list: {
        parameters: {
            query: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                orderId: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
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
                     *           "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "kind": "order-placed",
                     *           "channel": "email",
                     *           "status": "pending",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["NotificationList"];
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
    Live_listen: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: order-paid
                     *     id: 0199b3a0-0000-7000-8000-000000000005
                     *     data: {"orderId":"0199b3a0-0000-7000-8000-000000000001","kind":"order-paid","at":"2026-01-01T12:00:00.000Z","subject":"Your order is paid"}
                     */
                    "text/event-stream": string;
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
    WebhookDeliveries_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                endpointId?: string;
                orderId?: string;
                eventType?: components["schemas"]["WebhookEventType"];
                status?: "pending" | "delivered" | "failed";
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
                     *           "endpointId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "eventId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *           "eventType": "eventType",
                     *           "status": "pending",
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-01T12:00:00.000Z",
                     *               "durationMs": 1,
                     *               "answerStatus": 1,
                     *               "error": "timeout"
                     *             }
                     *           ],
                     *           "nextAttemptAt": "2026-01-01T12:00:00.000Z",
                     *           "createdAt": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDeliveryList"];
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
    WebhookDeliveries_show: {
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
                     *       "endpointId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "eventId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "eventType": "eventType",
                     *       "status": "pending",
                     *       "attempts": [
                     *         {
                     *           "at": "2026-01-01T12:00:00.000Z",
                     *           "durationMs": 1,
                     *           "answerStatus": 1,
                     *           "error": "timeout"
                     *         }
                     *       ],
                     *       "nextAttemptAt": "2026-01-01T12:00:00.000Z",
                     *       "createdAt": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDelivery"];
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
            /** @description `/problems/webhook-delivery-not-found`: There is no such webhook delivery */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-delivery-not-found";
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
    WebhookDeliveries_redeliver: {
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
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "endpointId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "eventId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "eventType": "eventType",
                     *       "status": "pending",
                     *       "attempts": [
                     *         {
                     *           "at": "2026-01-01T12:00:00.000Z",
                     *           "durationMs": 1,
                     *           "answerStatus": 1,
                     *           "error": "timeout"
                     *         }
                     *       ],
                     *       "nextAttemptAt": "2026-01-01T12:00:00.000Z",
                     *       "createdAt": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDelivery"];
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
            /** @description `/problems/webhook-delivery-not-found`: There is no such webhook delivery */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-delivery-not-found";
                    };
                };
            };
            /**
             * @description `/problems/webhook-delivery-pending`: The webhook delivery is under way already
             *
             *     `/problems/webhook-endpoint-disabled`: The webhook endpoint is disabled
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-delivery-pending" | "/problems/webhook-endpoint-disabled";
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
    WebhookEndpoints_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
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
                     *           "url": "url",
                     *           "eventTypes": [
                     *             "eventTypes"
                     *           ],
                     *           "status": "enabled",
                     *           "disabled": {
                     *             "reason": "failing",
                     *             "at": "2026-01-01T12:00:00.000Z"
                     *           },
                     *           "failedInARow": 1,
                     *           "createdBy": "createdBy",
                     *           "createdAt": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpointList"];
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
    WebhookEndpoints_register: {
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
                 *       "url": "https://shop.example/webhooks",
                 *       "eventTypes": [
                 *         "order.paid"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RegisterWebhookEndpoint"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "url": "url",
                     *       "eventTypes": [
                     *         "eventTypes"
                     *       ],
                     *       "status": "enabled",
                     *       "disabled": {
                     *         "reason": "failing",
                     *         "at": "2026-01-01T12:00:00.000Z"
                     *       },
                     *       "failedInARow": 1,
                     *       "createdBy": "createdBy",
                     *       "createdAt": "2026-01-01T12:00:00.000Z",
                     *       "secret": "whsec_…"
                     *     }
                     */
                    "application/json": components["schemas"]["RegisteredWebhookEndpoint"];
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
    WebhookEndpoints_show: {
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
                     *       "url": "url",
                     *       "eventTypes": [
                     *         "eventTypes"
                     *       ],
                     *       "status": "enabled",
                     *       "disabled": {
                     *         "reason": "failing",
                     *         "at": "2026-01-01T12:00:00.000Z"
                     *       },
                     *       "failedInARow": 1,
                     *       "createdBy": "createdBy",
                     *       "createdAt": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
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
            /** @description `/problems/webhook-endpoint-not-found`: There is no such webhook endpoint */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-endpoint-not-found";
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
    WebhookEndpoints_remove: {
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
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
            /** @description `/problems/webhook-endpoint-not-found`: There is no such webhook endpoint */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-endpoint-not-found";
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
    WebhookEndpoints_change: {
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
                 *       "enabled": true
                 *     }
                 */
                "application/json": components["schemas"]["ChangeWebhookEndpoint"];
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
                     *       "url": "url",
                     *       "eventTypes": [
                     *         "eventTypes"
                     *       ],
                     *       "status": "enabled",
                     *       "disabled": {
                     *         "reason": "failing",
                     *         "at": "2026-01-01T12:00:00.000Z"
                     *       },
                     *       "failedInARow": 1,
                     *       "createdBy": "createdBy",
                     *       "createdAt": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
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
            /** @description `/problems/webhook-endpoint-not-found`: There is no such webhook endpoint */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-endpoint-not-found";
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
