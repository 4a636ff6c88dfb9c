// Generated from the OpenAPI document of the service: UPDATE_DOCS=1 npm test -- tests/docs/client

export interface paths {
    "/orders/{id}/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay an order
         * @description Starts an attempt with a payment method. The provider is asked after this has been answered: follow `Location` for the outcome. After a decline another method may be tried, until the order ends. An order that has ended only just now, which this service has not heard of yet, is still answered 202; its attempt is then declined with `order_ended`, and nothing is captured unless the provider had been asked already, and then it goes back.
         */
        post: operations["PayOrder_pay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/payment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the payment of an order
         * @description Asked right after placing, this waits up to 2 s for the payment to be opened.
         */
        get: operations["BrowsePayments_showOfOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one payment
         * @description With every attempt at it and everything that went back.
         */
        get: operations["BrowsePayments_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give captured money back
         * @description All that is left of it, or a part. The provider is asked after this has been answered, and again until it has done it. The payment stays `captured` until nothing is left of it.
         */
        post: operations["RequestRefund_requestRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/psp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an event of the payment provider
         * @description Signed by the provider as https://docs.stripe.com/webhooks/signature describes, at most 300 s ago. Answered 200 once it is committed, be it new, known or of no use to us; the provider sends it again until then.
         */
        post: operations["PspWebhook_receive"];
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
        PayOrder: {
            /**
             * @description The provider's name for how to pay, never a card number.
             * @example pm_card_visa
             */
            paymentMethod: string;
        };
        /** @description The one payment of an order, with every attempt at it and everything that went back */
        Payment: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            orderId: string;
            status: components["schemas"]["PaymentStatus"];
            amount: components["schemas"]["Money"];
            attempts: {
                /** Format: uuid */
                id: string;
                /** @example pm_card_visa */
                paymentMethod: string;
                /**
                 * @description `pending`: the provider has not been asked yet, or has yet to decide. `unknown`: it gave no answer, which is being looked for, or one that a person has to look into.
                 * @enum {string}
                 */
                outcome: "pending" | "captured" | "declined" | "unknown";
                /**
                 * @description Why it was declined, in the words of the provider.
                 * @example insufficient_funds
                 */
                declineCode?: string;
                /**
                 * Format: date-time
                 * @example 2026-01-01T12:00:00.000Z
                 */
                at: string;
            }[];
            refunds: components["schemas"]["Refund"][];
        };
        /** @enum {string} */
        PaymentStatus: "open" | "authorising" | "captured" | "refunding" | "refunded" | "voided" | "review";
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
        Refund: {
            /** Format: uuid */
            id: string;
            amount: components["schemas"]["Money"];
            /**
             * @description `order_cancelled`, `late_payment`, or what an operator has written.
             * @example one mug was broken
             */
            reason: string;
            /** @enum {string} */
            status: "pending" | "succeeded";
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            at: string;
        };
        RequestRefund: {
            /**
             * @description All that is left when left out.
             * @example {
             *       "amountMinor": 500,
             *       "currency": "EUR"
             *     }
             */
            amount?: {
                amountMinor: number;
                currency: string;
            };
            /**
             * @description For people to read.
             * @example one mug was broken
             */
            reason?: string;
        };
        WebhookReceived: {
            /** @enum {boolean} */
            received: true;
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
    PayOrder_pay: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A new one for each thing to be done, the same for each repeat of it. Kept for 24 hours.
                 * @example 8d2f6c1e-3f0b-4a57-9a3e-5b1c7d9e0f42
                 */
                "Idempotency-Key": string;
            };
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
                 *       "paymentMethod": "pm_card_visa"
                 *     }
                 */
                "application/json": components["schemas"]["PayOrder"];
            };
        };
        responses: {
            202: {
                headers: {
                    /** @description Where the payment is */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "open",
                     *       "amount": {
                     *         "amountMinor": 1299,
                     *         "currency": "EUR"
                     *       },
                     *       "attempts": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "paymentMethod": "pm_card_visa",
                     *           "outcome": "pending",
                     *           "declineCode": "insufficient_funds",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "refunds": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "amount": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           },
                     *           "reason": "one mug was broken",
                     *           "status": "pending",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
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
             * @description `/problems/idempotency-key-in-use`: A request with this Idempotency-Key is being worked on
             *
             *     `/problems/order-already-paid`: The order is paid already
             *
             *     `/problems/order-not-payable`: The order can no longer be paid
             *
             *     `/problems/payment-in-progress`: An attempt to pay is under way
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/idempotency-key-in-use" | "/problems/order-already-paid" | "/problems/order-not-payable" | "/problems/payment-in-progress";
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
             * @description `/problems/idempotency-key-reused`: The Idempotency-Key was used with another body
             *
             *     `/problems/validation`: The request has members that are not as they should be
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
                        type?: "/problems/idempotency-key-reused" | "/problems/validation" | "/problems/card-number-refused";
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
    BrowsePayments_showOfOrder: {
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
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "open",
                     *       "amount": {
                     *         "amountMinor": 1299,
                     *         "currency": "EUR"
                     *       },
                     *       "attempts": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "paymentMethod": "pm_card_visa",
                     *           "outcome": "pending",
                     *           "declineCode": "insufficient_funds",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "refunds": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "amount": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           },
                     *           "reason": "one mug was broken",
                     *           "status": "pending",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
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
    BrowsePayments_show: {
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
                     *       "orderId": "0199b3a0-0000-7000-8000-000000000001",
                     *       "status": "open",
                     *       "amount": {
                     *         "amountMinor": 1299,
                     *         "currency": "EUR"
                     *       },
                     *       "attempts": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "paymentMethod": "pm_card_visa",
                     *           "outcome": "pending",
                     *           "declineCode": "insufficient_funds",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "refunds": [
                     *         {
                     *           "id": "0199b3a0-0000-7000-8000-000000000001",
                     *           "amount": {
                     *             "amountMinor": 1299,
                     *             "currency": "EUR"
                     *           },
                     *           "reason": "one mug was broken",
                     *           "status": "pending",
                     *           "at": "2026-01-01T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
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
            /** @description `/problems/payment-not-found`: There is no such payment */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/payment-not-found";
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
    RequestRefund_requestRefund: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A new one for each thing to be done, the same for each repeat of it. Kept for 24 hours.
                 * @example 8d2f6c1e-3f0b-4a57-9a3e-5b1c7d9e0f42
                 */
                "Idempotency-Key": string;
            };
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
                 *       "amount": {
                 *         "amountMinor": 500,
                 *         "currency": "EUR"
                 *       },
                 *       "reason": "one mug was broken"
                 *     }
                 */
                "application/json": components["schemas"]["RequestRefund"];
            };
        };
        responses: {
            202: {
                headers: {
                    /** @description Where the payment with its refunds is */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199b3a0-0000-7000-8000-000000000001",
                     *       "amount": {
                     *         "amountMinor": 1299,
                     *         "currency": "EUR"
                     *       },
                     *       "reason": "one mug was broken",
                     *       "status": "pending",
                     *       "at": "2026-01-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Refund"];
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
            /** @description `/problems/payment-not-found`: There is no such payment */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/payment-not-found";
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
             * @description `/problems/idempotency-key-reused`: The Idempotency-Key was used with another body
             *
             *     `/problems/refund-exceeds-captured`: The refund is more than is left of the payment
             *
             *     `/problems/validation`: The request has members that are not as they should be
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
                        type?: "/problems/idempotency-key-reused" | "/problems/refund-exceeds-captured" | "/problems/validation" | "/problems/card-number-refused";
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
    PspWebhook_receive: {
        parameters: {
            query?: never;
            header: {
                /** @example t=1767268800,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd */
                "Stripe-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example text */
                "*/*": string;
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
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReceived"];
                };
            };
            /** @description `/problems/webhook-refused`: The message is not signed by whom it should be, is too old, or is not an event */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        type?: "/problems/webhook-refused";
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
