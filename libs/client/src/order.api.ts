// Generated from the OpenAPI document of the service: UPDATE_DOCS=1 npm test -- tests/docs/client

export interface paths {
    "/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what can be bought
         * @description All products at once, by sku.
         */
        get: operations["Products_listProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{sku}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show one product */
        get: operations["Products_showProduct"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{sku}/price": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change what a product costs
         * @description For orders from now on; those that were placed keep their prices. Asking again changes nothing.
         */
        put: operations["ChangePrice_changePrice"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orders
         * @description Newest first. A customer sees their own, an operator sees all.
         */
        get: operations["BrowseOrders_listOrders"];
        put?: never;
        /**
         * Place an order
         * @description Send skus and quantities; the prices are ours. The order awaits its payment until `paymentDeadline`. With a `paymentMethod` the payment is tried at once; without, pay at the payment service.
         */
        post: operations["PlaceOrder_placeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one order
         * @description With every change of its state and what decided it; with `expand=payment` also with its payment.
         */
        get: operations["BrowseOrders_showOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an order
         * @description An unpaid order is `cancelled`; of a paid one the money goes back, and it is `refunding` until it has. Asking again changes nothing.
         */
        post: operations["CancelOrder_cancelOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow one order
         * @description Server-sent events: each change of its state, from its placing on, and each exactly as it stands in its `history`. `event` is the new state, `id` the `sequence`. Who comes back with `Last-Event-ID`, to any replica, is told what came after it. A comment comes every 15 s. The stream ends when the order can change no more. A client that does not read is cut off.
         */
        get: operations["FollowOrder_followOrder"];
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
        ProductList: {
            items: components["schemas"]["Product"][];
            next: null;
        };
        /**
         * @example {
         *       "sku": "MUG-STONEWARE",
         *       "name": "Stoneware mug",
         *       "price": {
         *         "amountMinor": 1299,
         *         "currency": "EUR"
         *       }
         *     }
         */
        Product: {
            sku: string;
            name: string;
            price: components["schemas"]["Money"];
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
        /**
         * @example {
         *       "amountMinor": 1399,
         *       "currency": "EUR"
         *     }
         */
        NewPrice: {
            amountMinor: number;
            /** @enum {string} */
            currency: "EUR";
        };
        PlaceOrder: {
            items: {
                /** @example MUG-STONEWARE */
                sku: string;
                quantity: number;
            }[];
            /** Format: email */
            email: string;
            /** @example pm_card_visa */
            paymentMethod?: string;
            /** @example 900 */
            paymentWindowSeconds?: number;
        };
        Order: {
            /** Format: uuid */
            id: string;
            status: components["schemas"]["OrderStatus"];
            /**
             * @example [
             *       {
             *         "sku": "MUG-STONEWARE",
             *         "name": "Stoneware mug",
             *         "quantity": 2,
             *         "price": {
             *           "amountMinor": 1299,
             *           "currency": "EUR"
             *         }
             *       }
             *     ]
             */
            items: {
                sku: string;
                name: string;
                quantity: number;
                price: components["schemas"]["Money"];
            }[];
            /**
             * @example {
             *       "amountMinor": 2598,
             *       "currency": "EUR"
             *     }
             */
            total: components["schemas"]["Money"];
            /** @example alice@example.com */
            email: string;
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
        };
        /** @enum {string} */
        OrderStatus: "awaiting_payment" | "paid" | "cancelled" | "expired" | "refunding" | "refunded";
        OrderList: {
            items: components["schemas"]["Order"][];
            next: string | null;
        };
        ExpandedOrder: {
            /** Format: uuid */
            id: string;
            status: components["schemas"]["OrderStatus"];
            /**
             * @example [
             *       {
             *         "sku": "MUG-STONEWARE",
             *         "name": "Stoneware mug",
             *         "quantity": 2,
             *         "price": {
             *           "amountMinor": 1299,
             *           "currency": "EUR"
             *         }
             *       }
             *     ]
             */
            items: {
                sku: string;
                name: string;
                quantity: number;
                price: components["schemas"]["Money"];
            }[];
            /**
             * @example {
             *       "amountMinor": 2598,
             *       "currency": "EUR"
             *     }
             */
            total: components["schemas"]["Money"];
            /** @example alice@example.com */
            email: string;
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
            history: {
                /** @description Counts from 1. */
                sequence: number;
                /** @example null */
                from: components["schemas"]["OrderStatus"] | null;
                to: components["schemas"]["OrderStatus"];
                /**
                 * @description `placed`, `customer`, `deadline`, or the type of the message that decided.
                 * @example placed
                 */
                cause: string;
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
            }[];
            /** @description With `expand=payment`. Null when it is not opened yet, and when the payment service does not answer, which `gaps` says. */
            payment?: {
                /** Format: uuid */
                id: string;
                /** Format: uuid */
                orderId: string;
                status: string;
                /**
                 * @example {
                 *       "amountMinor": 2598,
                 *       "currency": "EUR"
                 *     }
                 */
                amount: {
                    amountMinor: number;
                    currency: string;
                };
                attempts: {
                    /** Format: uuid */
                    id: string;
                    paymentMethod: string;
                    outcome: string;
                    declineCode?: string;
                    /** Format: date-time */
                    at: string;
                }[];
                refunds: {
                    /** Format: uuid */
                    id: string;
                    /**
                     * @example {
                     *       "amountMinor": 2598,
                     *       "currency": "EUR"
                     *     }
                     */
                    amount: {
                        amountMinor: number;
                        currency: string;
                    };
                    reason: string;
                    status: string;
                    /** Format: date-time */
                    at: string;
                }[];
            } | null;
            /** @description With `expand`: who has not told their part, and why. */
            gaps?: {
                source: string;
                reason: string;
            }[];
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
    Products_listProducts: {
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
                     *           "sku": "MUG-STONEWARE",
                     *           "name": "Stoneware mug",
                     *           "price": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           }
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": components["schemas"]["ProductList"];
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
    Products_showProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example MUG-STONEWARE */
                sku: string;
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
                     *       "sku": "MUG-STONEWARE",
                     *       "name": "Stoneware mug",
                     *       "price": {
                     *         "amountMinor": 1299,
                     *         "currency": "EUR"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description `/problems/product-not-found`: There is no such product */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/product-not-found";
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
    ChangePrice_changePrice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example MUG-STONEWARE */
                sku: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amountMinor": 1399,
                 *       "currency": "EUR"
                 *     }
                 */
                "application/json": components["schemas"]["NewPrice"];
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
                     *       "sku": "MUG-STONEWARE",
                     *       "name": "Stoneware mug",
                     *       "price": {
                     *         "amountMinor": 1299,
                     *         "currency": "EUR"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Product"];
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
            /** @description `/problems/product-not-found`: There is no such product */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/product-not-found";
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
    BrowseOrders_listOrders: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                status?: "awaiting_payment" | "paid" | "cancelled" | "expired" | "refunding" | "refunded";
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
                     *           "status": "awaiting_payment",
                     *           "items": [
                     *             {
                     *               "sku": "MUG-STONEWARE",
                     *               "name": "Stoneware mug",
                     *               "quantity": 2,
                     *               "price": {
                     *                 "amountMinor": 1299,
                     *                 "currency": "EUR"
                     *               }
                     *             }
                     *           ],
                     *           "total": {
                     *             "amountMinor": 2598,
                     *             "currency": "EUR"
                     *           },
                     *           "email": "alice@example.com",
                     *           "placedAt": "2026-01-01T12:00:00.000Z",
                     *           "paymentDeadline": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["OrderList"];
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
    PlaceOrder_placeOrder: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A new one for each thing to be done, the same for each repeat of it. Kept for 24 hours.
                 * @example 8d2f6c1e-3f0b-4a57-9a3e-5b1c7d9e0f42
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "sku": "MUG-STONEWARE",
                 *           "quantity": 1
                 *         }
                 *       ],
                 *       "email": "alice@example.com",
                 *       "paymentMethod": "pm_card_visa",
                 *       "paymentWindowSeconds": 900
                 *     }
                 */
                "application/json": components["schemas"]["PlaceOrder"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Where the order is */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "awaiting_payment",
                     *       "items": [
                     *         {
                     *           "sku": "MUG-STONEWARE",
                     *           "name": "Stoneware mug",
                     *           "quantity": 2,
                     *           "price": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           }
                     *         }
                     *       ],
                     *       "total": {
                     *         "amountMinor": 2598,
                     *         "currency": "EUR"
                     *       },
                     *       "email": "alice@example.com",
                     *       "placedAt": "2026-01-01T12:00:00.000Z",
                     *       "paymentDeadline": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /**
             * @description `/problems/idempotency-key-invalid`: The header Idempotency-Key is not 1 to 255 visible ASCII characters
             *
             *     `/problems/idempotency-key-missing`: The header Idempotency-Key is missing
             *
             *     `/problems/malformed-json`: The body is not the JSON that is due here
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/idempotency-key-invalid" | "/problems/idempotency-key-missing" | "/problems/malformed-json";
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
            /** @description `/problems/idempotency-key-in-use`: A request with this Idempotency-Key is being worked on */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/idempotency-key-in-use";
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
             * @description `/problems/card-number-refused`: Card numbers are not accepted here
             *
             *     `/problems/idempotency-key-reused`: The Idempotency-Key was used with another body
             *
             *     `/problems/validation`: The request has members that are not as they should be
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/card-number-refused" | "/problems/idempotency-key-reused" | "/problems/validation";
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
    BrowseOrders_showOrder: {
        parameters: {
            query?: {
                expand?: "payment";
            };
            header?: {
                /** @description An `ETag` that was given for this order: 304 while it is the same. Not with `expand`. */
                "If-None-Match"?: string;
            };
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
                    /** @description Changes with the order. Not with `expand`: a payment has changes of its own. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "awaiting_payment",
                     *       "items": [
                     *         {
                     *           "sku": "MUG-STONEWARE",
                     *           "name": "Stoneware mug",
                     *           "quantity": 2,
                     *           "price": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           }
                     *         }
                     *       ],
                     *       "total": {
                     *         "amountMinor": 2598,
                     *         "currency": "EUR"
                     *       },
                     *       "email": "alice@example.com",
                     *       "placedAt": "2026-01-01T12:00:00.000Z",
                     *       "paymentDeadline": "2026-01-01T12:00:00.000Z",
                     *       "history": [
                     *         {
                     *           "sequence": 1,
                     *           "from": null,
                     *           "to": "awaiting_payment",
                     *           "cause": "placed",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "payment": {
                     *         "id": "0199b3a0-0000-7000-8000-000000000001",
                     *         "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *         "status": "status",
                     *         "amount": {
                     *           "amountMinor": 2598,
                     *           "currency": "EUR"
                     *         },
                     *         "attempts": [
                     *           {
                     *             "id": "0199b3a0-0000-7000-8000-000000000001",
                     *             "paymentMethod": "paymentMethod",
                     *             "outcome": "outcome",
                     *             "declineCode": "declineCode",
                     *             "at": "2026-01-01T12:00:00.000Z"
                     *           }
                     *         ],
                     *         "refunds": [
                     *           {
                     *             "id": "0199b3a0-0000-7000-8000-000000000001",
                     *             "amount": {
                     *               "amountMinor": 2598,
                     *               "currency": "EUR"
                     *             },
                     *             "reason": "reason",
                     *             "status": "status",
                     *             "at": "2026-01-01T12:00:00.000Z"
                     *           }
                     *         ]
                     *       },
                     *       "gaps": [
                     *         {
                     *           "source": "source",
                     *           "reason": "reason"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ExpandedOrder"];
                };
            };
            /** @description The order is as it was. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
    CancelOrder_cancelOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the order as it was seen: should it have changed since, nothing happens. `*` is any. */
                "If-Match"?: string;
            };
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
                     *       "status": "awaiting_payment",
                     *       "items": [
                     *         {
                     *           "sku": "MUG-STONEWARE",
                     *           "name": "Stoneware mug",
                     *           "quantity": 2,
                     *           "price": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           }
                     *         }
                     *       ],
                     *       "total": {
                     *         "amountMinor": 2598,
                     *         "currency": "EUR"
                     *       },
                     *       "email": "alice@example.com",
                     *       "placedAt": "2026-01-01T12:00:00.000Z",
                     *       "paymentDeadline": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
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
            /** @description `/problems/order-not-cancellable`: The order can no longer be cancelled */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/order-not-cancellable";
                    };
                };
            };
            /** @description `/problems/precondition-failed`: It has changed since it was read */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/precondition-failed";
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
    FollowOrder_followOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event that was seen. One that this order does not have is left out: all is told. */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @example 0199b3a0-0000-7000-8000-000000000001 */
                id: string;
            };
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
                     * @example event: paid
                     *     id: 2
                     *     data: {"orderId":"0199b3a0-0000-7000-8000-000000000001","sequence":2,"from":"awaiting_payment","to":"paid","cause":"payment.captured.v1","at":"2026-01-01T12:00:00.000Z"}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description The last event was seen, and no more will come: an `EventSource` does not come back. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
