// Made by `cargo xtask ui` from docs/api/openapi.json; not written by hand.

export interface paths {
    "/api/audit-logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists who did what, newest first */
        get: operations["getAuditLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit-logs/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Computes every hash of the audit log anew
         * @description Each record holds the hash of itself and all before it: one that was changed, removed or moved is found. Noting `head` somewhere else finds a log that was written anew from its beginning.
         */
        post: operations["postAuditLogsVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the client section, and whether the files are in force */
        get: operations["getConfig"];
        /**
         * Changes the client section
         * @description What is not said stays, null removes. 409 where a configuration file declares the section.
         */
        put: operations["putConfig"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Gives all settings as a document
         * @description As `--config` and `--config-seed` take it: what the API and the configuration file say together. No secret is in it: where one stands, the document names a variable, and `needed` lists those that begin with `EXPORTED_`, which have to be set where the document is used.
         */
        get: operations["getConfigExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/export.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Gives all settings as a YAML file
         * @description The `document` of `GET /api/config/export`.
         */
        get: operations["getConfigExportYaml"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a document's settings over, all or nothing
         * @description What the document names is put over what is there, what it does not name stays. A secret for which it names a variable that an export made, and that is not set, keeps the value that it has here. 409 where it would change what a configuration file declares. The body may be JSON, or YAML with `content-type: application/yaml`. `dry_run=true` tells what would change.
         */
        post: operations["postConfigImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what was changed in the settings, newest first */
        get: operations["getConfigRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/revisions/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows what a revision changed, field by field
         * @description Of secrets it is told that they changed, and nothing else.
         */
        get: operations["getConfigRevisionsByNumber"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/revisions/{number}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restores the settings as they were right after a revision
         * @description Everything that was changed since is undone, as one new revision with the caller as its author; 0 is before the first. Values of virtual keys, API tokens and passwords, and the secrets of providers, come back as they were then. The whole is checked as any change is. 409 where it would change what a configuration file declares, or leave nobody who can manage the gateway. `dry_run=true` tells what would change.
         */
        post: operations["postConfigRevisionsByNumberRollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would happen to a request, without sending it
         * @description The body is a request as the inference API takes it: chat completions, completions or embeddings, told apart by `messages`, `prompt` and `input`. Headers that rules look at, tags (`x-bf-dim-…`) and `x-gateway-max-cost` are sent as headers. Whose call it would be is said by `virtual_key_id` or `operator`, else by the virtual key in the headers (in `x-bf-vk` where `Authorization` opens this API), else it is anonymous. What a caller would be refused for is told in `outcome.refusal`, with status 200: an error says that the body is no request, or names a virtual key that is not there. Nothing is held, counted or logged.
         */
        post: operations["postExplain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists all budgets, whoever they belong to
         * @description There is no POST that makes one: a budget or a rate limit is made with its owner, a virtual key, team, customer, provider or model, whose `budgets` and `rate_limit` they are.
         */
        get: operations["getGovernanceBudgets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/budgets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a budget with its use */
        get: operations["getGovernanceBudgetsById"];
        /**
         * Changes a budget
         * @description Its numbers are changed where its owner has them; what is not said stays. 404 where there is none: it is made with its owner.
         */
        put: operations["putGovernanceBudgetsById"];
        /**
         * Begins a budget's window anew
         * @description The path is the id and `/reset`. What was used counts no more, and stays in the ledger; the audit log keeps who did it and how much had been used.
         */
        post: operations["postGovernanceBudgetsById"];
        /** Takes a budget from its owner */
        delete: operations["deleteGovernanceBudgetsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists customers */
        get: operations["getGovernanceCustomers"];
        put?: never;
        /**
         * Makes a customer
         * @description An id is made where none is given; 409 where it exists.
         */
        post: operations["postGovernanceCustomers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/customers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a customer with the use of its limits */
        get: operations["getGovernanceCustomersById"];
        /**
         * Changes a customer, or makes it
         * @description What is not said stays; `{}` or null removes. `budgets` is replaced as a set: a budget that was there before, told by its id or else by its window, keeps its use. 409 where a configuration file declares it.
         */
        put: operations["putGovernanceCustomersById"];
        post?: never;
        /**
         * Deletes a customer
         * @description 409 while somebody belongs to it, naming them: whom it held would be free of its limits in silence.
         */
        delete: operations["deleteGovernanceCustomersById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/model-configs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists limits of models */
        get: operations["getGovernanceModelConfigs"];
        put?: never;
        /**
         * Limits a model
         * @description An id is made where none is given; 409 where it exists.
         */
        post: operations["postGovernanceModelConfigs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/model-configs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the limits of a model with their use */
        get: operations["getGovernanceModelConfigsById"];
        /**
         * Changes the limits of a model, or makes them
         * @description What is not said stays; `{}` or null removes. `budgets` is replaced as a set: a budget that was there before, told by its id or else by its window, keeps its use. 409 where a configuration file declares it.
         */
        put: operations["putGovernanceModelConfigsById"];
        post?: never;
        /** Takes the limits of a model away */
        delete: operations["deleteGovernanceModelConfigsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/pricing-overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists pricing overrides */
        get: operations["getGovernancePricingOverrides"];
        put?: never;
        /**
         * Makes a pricing override
         * @description Prices are dollars per token, or per unit of another measure. What is not said stays; null removes.
         */
        post: operations["postGovernancePricingOverrides"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/pricing-overrides/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a pricing override */
        get: operations["getGovernancePricingOverridesById"];
        /**
         * Changes a pricing override, or makes it
         * @description Prices are dollars per token, or per unit of another measure. What is not said stays; null removes.
         */
        put: operations["putGovernancePricingOverridesById"];
        post?: never;
        /** Deletes a pricing override */
        delete: operations["deleteGovernancePricingOverridesById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists limits of providers */
        get: operations["getGovernanceProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/providers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the limits of a provider with their use */
        get: operations["getGovernanceProvidersById"];
        /**
         * Limits a provider, or changes its limits
         * @description What is not said stays; `{}` or null removes. `budgets` is replaced as a set: a budget that was there before, told by its id or else by its window, keeps its use. 409 where a configuration file declares it.
         */
        put: operations["putGovernanceProvidersById"];
        post?: never;
        /** Takes the limits of a provider away */
        delete: operations["deleteGovernanceProvidersById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/rate-limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists all rate limits, whoever they belong to
         * @description There is no POST that makes one: a budget or a rate limit is made with its owner, a virtual key, team, customer, provider or model, whose `budgets` and `rate_limit` they are.
         */
        get: operations["getGovernanceRateLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/rate-limits/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a rate limit with its use */
        get: operations["getGovernanceRateLimitsById"];
        /**
         * Changes a rate limit
         * @description Its numbers are changed where its owner has them; what is not said stays. 404 where there is none: it is made with its owner.
         */
        put: operations["putGovernanceRateLimitsById"];
        /**
         * Begins a rate limit's windows anew
         * @description The path is the id and `/reset`. What was used counts no more, and stays in the ledger; the audit log keeps who did it and how much had been used.
         */
        post: operations["postGovernanceRateLimitsById"];
        /** Takes a rate limit from its owner */
        delete: operations["deleteGovernanceRateLimitsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/routing-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists routing rules
         * @description In the order of their ids. They are asked in another one: the virtual key's own first, then its team's, its customer's and the global ones; within a scope by `priority`, the lowest first, and by id where that is equal. `warnings` names targets that are not there yet.
         */
        get: operations["getGovernanceRoutingRules"];
        put?: never;
        /**
         * Makes a routing rule
         * @description An id is made where none is given; 409 where it exists. A condition that is wrong is refused with its place.
         */
        post: operations["postGovernanceRoutingRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/routing-rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a routing rule */
        get: operations["getGovernanceRoutingRulesById"];
        /**
         * Changes a routing rule, or makes it
         * @description What is not said stays; null removes. 409 where a configuration file declares it.
         */
        put: operations["putGovernanceRoutingRulesById"];
        post?: never;
        /** Deletes a routing rule */
        delete: operations["deleteGovernanceRoutingRulesById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/routing-rules/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Checks a condition while somebody types it
         * @description Answers 200 whether it is right or wrong. Places are in characters; lines and columns count from 1. With `facts`, a sample call, it is told whether the condition is true of it, and if not, which part is false.
         */
        post: operations["postGovernanceRoutingRulesCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/routing-rules/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What conditions may speak of */
        get: operations["getGovernanceRoutingRulesSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists teams */
        get: operations["getGovernanceTeams"];
        put?: never;
        /**
         * Makes a team
         * @description An id is made where none is given; 409 where it exists.
         */
        post: operations["postGovernanceTeams"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/teams/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a team with the use of its limits */
        get: operations["getGovernanceTeamsById"];
        /**
         * Changes a team, or makes it
         * @description What is not said stays; `{}` or null removes. `budgets` is replaced as a set: a budget that was there before, told by its id or else by its window, keeps its use. 409 where a configuration file declares it.
         */
        put: operations["putGovernanceTeamsById"];
        post?: never;
        /**
         * Deletes a team
         * @description 409 while somebody belongs to it, naming them: whom it held would be free of its limits in silence.
         */
        delete: operations["deleteGovernanceTeamsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/virtual-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists virtual keys */
        get: operations["getGovernanceVirtualKeys"];
        put?: never;
        /**
         * Makes a virtual key
         * @description The answer holds the value, which is never shown again: one that is made, or the one that was sent. `name` or `id` must be given. A provider or model that is not there yet is named in `warnings`.
         */
        post: operations["postGovernanceVirtualKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/virtual-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a virtual key with the use of its limits */
        get: operations["getGovernanceVirtualKeysById"];
        /**
         * Changes a virtual key, or makes it
         * @description What is not said stays; `{}` or null removes. `provider_configs`, `model_limits` and `budgets` are replaced as sets, whose members keep their use: entries told by provider, budgets by id or else by window. Where there was no such key, it is made, with its id as its value unless one is sent, and the value is in the answer. 409 where a configuration file declares it.
         */
        put: operations["putGovernanceVirtualKeysById"];
        post?: never;
        /**
         * Deletes a virtual key
         * @description Its values are refused from then on.
         */
        delete: operations["deleteGovernanceVirtualKeysById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/virtual-keys/{id}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists every limit that a virtual key is under
         * @description Its own, its team's, its customer's, and those of the providers and models that it may use, each with its use. A call must fit all that hold for it; `tightest` marks, for each unit, what leaves the least for every call.
         */
        get: operations["getGovernanceVirtualKeysByIdLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/virtual-keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a virtual key a new value
         * @description The new value is in the answer, and never again. The old one works on for `grace`, else for `client.vk_rotation_cooldown`, else not at all.
         */
        post: operations["postGovernanceVirtualKeysByIdRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/governance/virtual-keys/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells a virtual key about itself
         * @description The credential is the virtual key itself, in any header that calls may have it in. A disabled key may ask, an expired one may not.
         */
        get: operations["getGovernanceVirtualKeysQuota"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How each deployment stands that was called */
        get: operations["getHealthDeployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the keys of all providers, redacted */
        get: operations["getKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists entries of the ledger */
        get: operations["getLedger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ledger/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Gives entries of the ledger as a file, oldest first
         * @description One JSON object a line, or CSV with `format=csv`. An export that breaks off ends in a line that says why.
         */
        get: operations["getLedgerExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ledger/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Computes every sum of the ledger anew */
        post: operations["postLedgerVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ledger/windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the books of a quota's windows, or of each quota's latest one */
        get: operations["getLedgerWindows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ledger/write-off": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets go of what a crash left unaccounted in a window
         * @description What was granted to a gateway that crashed counts as spent until its window ends. Written off, it can be spent again: write off what the providers did not charge.
         */
        post: operations["postLedgerWriteOff"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists log rows, newest first
         * @description A row for each request of a client. `metadata_NAME=VALUE` asks for those with that tag, and may be given more than once. What no index helps to find is looked for in bounded steps: such a page may be short or empty and has `searched_until`; go on from `next_cursor`, where there is one, or narrow the time.
         */
        get: operations["getLogs"];
        put?: never;
        post?: never;
        /** Deletes log rows, out of all figures too */
        delete: operations["deleteLogs"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a log row with everything that is kept of it */
        get: operations["getLogsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/dropped": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts the log rows that could not be kept */
        get: operations["getLogsDropped"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/filterdata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what logs can be filtered by */
        get: operations["getLogsFilterdata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts requests over time */
        get: operations["getLogsHistogram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/cost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sums costs over time, by model where nothing is filtered by */
        get: operations["getLogsHistogramCost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/cost/by-provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sums costs over time by provider */
        get: operations["getLogsHistogramCostByProvider"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/latency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells latencies over time */
        get: operations["getLogsHistogramLatency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/latency/by-provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells latencies over time by provider */
        get: operations["getLogsHistogramLatencyByProvider"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts requests over time by model */
        get: operations["getLogsHistogramModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts tokens over time */
        get: operations["getLogsHistogramTokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/histogram/tokens/by-provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts tokens over time by provider */
        get: operations["getLogsHistogramTokensByProvider"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follows the log
         * @description Server-sent events: `log` for each finished request, with `{type, operation, payload: LogRow}`; `lagged`, with `{type, missed}`, where the reader was too slow for some.
         */
        get: operations["getLogsLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/rankings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ranks models, with how they changed */
        get: operations["getLogsRankings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sums up the log rows that match */
        get: operations["getLogsStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the names of models that providers are known to serve */
        get: operations["getModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists models with what is known of them and what they cost */
        get: operations["getModelsDetails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What models cost here now, and who says so */
        get: operations["getModelsPrices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/prices/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a model would cost were an override saved */
        post: operations["postModelsPricesPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists self-hosted servers that were noticed on this machine */
        get: operations["getOffers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/offers/{offer}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a provider of a server that was noticed */
        post: operations["postOffersByOfferAccept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document
         * @description For whoever may use any part of this API.
         */
        get: operations["getOpenapiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells how the gateway is used: totals, shares and a series over time
         * @description One kind of filter at a time. With one, lists by anything else are empty, but for models of providers and providers of models.
         */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/playground/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a chat completion in the name of a virtual key
         * @description Request, answer, stream, headers and errors are those of `POST /v1/chat/completions`. The call is booked on the key that `virtual_key_id` names, within its limits, whatever its value; without it, on nobody, as the operator's own. It is in the log under the tag `source: playground`, and in the audit log as `playground.call`, without what is said. A key that is not there is 404, and whoever may not call here is refused, as everywhere in this API.
         */
        post: operations["postPlaygroundChatCompletions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/pricing/force-sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reads the catalogue's file again
         * @description Nothing is fetched from a network: where there is no file, nothing is done, and said so.
         */
        post: operations["postPricingForceSync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists providers */
        get: operations["getProviders"];
        put?: never;
        /**
         * Makes a provider
         * @description A provider that was picked up from the environment is taken over. Waits up to a second for the list of models. What was sent and does not act is named in `warnings`.
         */
        post: operations["postProviders"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a provider */
        get: operations["getProvidersByProvider"];
        /**
         * Changes a provider, or makes it
         * @description What is not said stays; null and `{}` remove; lists are replaced. A secret that is sent as it was shown stays as it is, unless it would go to another host.
         */
        put: operations["putProvidersByProvider"];
        post?: never;
        /**
         * Deletes a provider
         * @description Virtual keys and rules that name it are left as they are, and find nothing there: `GET /api/providers/{provider}/uses` tells which.
         */
        delete: operations["deleteProvidersByProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{provider}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the keys of a provider, redacted */
        get: operations["getProvidersByProviderKeys"];
        put?: never;
        /** Adds a key to a provider */
        post: operations["postProvidersByProviderKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{provider}/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a key of a provider, redacted */
        get: operations["getProvidersByProviderKeysByKey"];
        /**
         * Changes a key of a provider
         * @description What is not said stays; null and `{}` remove; lists are replaced. A secret that is sent as it was shown stays as it is, unless it would go to another host.
         */
        put: operations["putProvidersByProviderKeysByKey"];
        post?: never;
        /** Takes a key away from a provider */
        delete: operations["deleteProvidersByProviderKeysByKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{provider}/models/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks a provider at once which models it serves */
        post: operations["postProvidersByProviderModelsRefresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{provider}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tries a provider with one small call
         * @description The cheapest model that is known, unless one is named, is asked for a few tokens; where the provider has none that chats, embeds or ranks, it is asked for its models. The call is a real one: it is billed, it is in the log and in the ledger without a virtual key, and the limits of the provider and of the model hold. That it failed is told in the answer, whose status is 200 all the same.
         */
        post: operations["postProvidersByProviderTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{provider}/uses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who counts on a provider: virtual keys with their weights, rules, limits, prices */
        get: operations["getProvidersByProviderUses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/kinds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What providers can be, and what each needs to be told */
        get: operations["getProvidersKinds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who calls, and what they may do */
        get: operations["getSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/is-auth-enabled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a login page has to know beforehand */
        get: operations["getSessionIsAuthEnabled"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs a user in: the answer sets the session's cookie */
        post: operations["postSessionLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session */
        post: operations["postSessionLogout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Changes one's own password; all sessions of the user end */
        post: operations["postSessionPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists API tokens */
        get: operations["getTokens"];
        put?: never;
        /**
         * Makes an API token
         * @description Where a new token is given no `value`, one is made and told in the answer, this once.
         */
        post: operations["postTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an API token, without its value */
        get: operations["getTokensById"];
        /**
         * Changes an API token, or makes it
         * @description Where a new token is given no `value`, one is made and told in the answer, this once.
         */
        put: operations["putTokensById"];
        post?: never;
        /**
         * Deletes an API token
         * @description 409 where a configuration file declares it, or nobody would be left who can manage the gateway.
         */
        delete: operations["deleteTokensById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives an API token another value, told this once; the old one stops working */
        post: operations["postTokensByIdRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists users */
        get: operations["getUsers"];
        put?: never;
        /**
         * Makes a user
         * @description 409 where it exists.
         */
        post: operations["postUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a user */
        get: operations["getUsersById"];
        /**
         * Changes a user, or makes it
         * @description What is not said stays. Another password or role ends the user's sessions. 409 where a configuration file declares the user, or nobody would be left who can manage the gateway.
         */
        put: operations["putUsersById"];
        post?: never;
        /**
         * Deletes a user, whose sessions end
         * @description 409 where a configuration file declares it, or nobody would be left who can manage the gateway.
         */
        delete: operations["deleteUsersById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The gateway's version */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A model that one would pay for. */
        Against: {
            /** @description The model. */
            model: string;
            /** @description The provider. */
            provider: string;
        };
        /** @description A webhook that is told when a budget passes a threshold; once per window and threshold. */
        Alerts: {
            /**
             * @description The thresholds, in percent of the budget.
             * @default [
             *       50,
             *       80,
             *       100
             *     ]
             */
            thresholds: number[];
            /** @description Where the message is posted, as JSON. */
            webhook_url: string;
        };
        /** @description A webhook that is told when a budget passes a threshold; once per window and threshold. */
        AlertsInput: {
            /**
             * @description The thresholds, in percent of the budget.
             * @default [
             *       50,
             *       80,
             *       100
             *     ]
             */
            thresholds: number[];
            /** @description Where the message is posted, as JSON. */
            webhook_url: string;
        };
        /** @description An API token as answers show it: without its value. */
        ApiToken: {
            /** @description Whether that time has come. */
            expired: boolean;
            /** @description When it stops working, in RFC 3339. */
            expires_at: string | null;
            /** @description Its id. */
            id: string;
            /** @description A name to show. */
            name: string;
            /** @description Where it is from: `api`, or `file` and its path. */
            origin: string;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /** @description The parts of the API that are open to it; none: all that the role may. */
            scopes: string[];
        };
        ApiTokenAnswer: {
            /** @description What was done, where something was */
            message?: string;
            token: components["schemas"]["ApiToken"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A token for a program. */
        ApiTokenChange: {
            /** @description When it stops working, as RFC 3339. */
            expires_at?: string | null;
            /** @description Its id in paths and in the audit log. */
            id?: string | null;
            /** @description What it is for. */
            name?: string | null;
            /** @description The most that may be done with it. */
            role?: components["schemas"]["Role"] | null;
            /** @description The parts of the management API that it opens: `logs`, `governance`, … None: all that the role may. */
            scopes?: string[] | null;
            /** @description What is presented, of 32 characters at least: plain or `env.NAME`. It is hashed at once and kept nowhere. */
            value?: components["schemas"]["KeyValue"] | null;
        };
        ApiTokenList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            tokens: components["schemas"]["ApiToken"][];
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description What goes into a model, and what comes out. */
        Architecture: {
            /** @description `text`, `image`, `audio`, `video`, `file`. */
            input_modalities: string[];
            /** @description `text`, `image`, `audio`, `embedding`, … */
            output_modalities: string[];
        };
        /** @description A rule that is for the caller, and what it made of the call. */
        AskedRule: {
            /** @description Its condition. */
            condition: string;
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int64
             * @description Lower ones are asked first.
             */
            priority: number;
            /** @description Whose calls it is for. */
            scope: components["schemas"]["RuleScope"];
            /** @description The virtual key, team or customer. */
            scope_id?: string | null;
            /** @description Where calls go that fit it. */
            targets: components["schemas"]["RuleTarget"][];
            /** @description What became of it. */
            verdict: components["schemas"]["RuleVerdict"];
            /** @description Why, in a sentence; none for rules that were not asked. */
            why?: string | null;
        };
        /** @description A page of the audit log, newest first. */
        AuditList: {
            /** @description The page. */
            audit_logs: components["schemas"]["AuditRecord"][];
            /**
             * Format: uint64
             * @description What to give as `before` for the page that follows; null after the last.
             */
            next: number | null;
        };
        /** @description Something that was done, as it is shown: without secrets. */
        AuditRecord: {
            /** @description What: `provider.update`, `virtual_key.create`, `ledger.write_off`, … */
            action: string;
            /** @description By whom: a user, an API token, `admin`, `loopback`, a file, a command. */
            actor: string;
            /** @description What it says now, or what there is to tell of the event. */
            after: unknown;
            /** @description When, in RFC 3339. */
            at: string;
            /** @description What it said before; null where there was nothing. */
            before: unknown;
            /** @description The fields that differ, secrets among them; at most 200. */
            changed: string[];
            /** @description The hash of this record and all before it. */
            hash: string;
            /**
             * Format: uint64
             * @description The revision of the settings that it made.
             */
            revision: number | null;
            /**
             * Format: uint64
             * @description Its number, from 1 without gaps.
             */
            seq: number;
            /** @description To what: `provider/openai`, `user/anna`, … */
            target: string;
        };
        /** @description Whether the audit log is what was written. */
        AuditVerdict: {
            /** @description What is wrong, up to a thousand times. */
            faults: string[];
            /**
             * Format: uint64
             * @description How many faults there are.
             */
            found: number;
            /** @description The hash of the last one. */
            head: string;
            /** @description Whether nothing is wrong. */
            ok: boolean;
            /**
             * Format: uint64
             * @description How many records were read.
             */
            records: number;
        };
        /**
         * @description A resource of Azure. Without a value in the key, Microsoft Entra is asked for a token: with the client secret, else
         *     with what the surroundings have (variables, a federated token, a managed identity).
         */
        AzureKey: {
            /** @description The dated version of the API; `2024-10-21` when unset. `v1` or `preview`: the API without dates. */
            api_version?: string | null;
            /** @description The application in Microsoft Entra, or the managed identity. */
            client_id?: string | null;
            /** @description The application's secret, or `env.NAME`. Never shown again. */
            client_secret?: components["schemas"]["KeyValue"] | null;
            /** @description The deployment of each model that is not deployed under its own name. */
            deployments?: {
                [key: string]: string;
            };
            /** @description `https://NAME.openai.azure.com`, or `env.NAME`. Unset: `network_config.base_url`, else AZURE_OPENAI_ENDPOINT. */
            endpoint?: string | null;
            /** @description What tokens are for; `https://cognitiveservices.azure.com/.default` when unset. */
            scopes?: string[];
            /** @description The tenant in Microsoft Entra. */
            tenant_id?: string | null;
        };
        /** @description How a usage is known. */
        Basis: "reported" | "counted" | "estimated";
        /**
         * @description An account and a region of AWS. A value in the key is a Bedrock API key; without one requests are signed: with the keys
         *     given here, else with what the surroundings have (variables, a profile, web identity, the container, the instance).
         */
        BedrockKey: {
            /** @description The access key's id, or `env.NAME`. Never shown again. */
            access_key?: components["schemas"]["KeyValue"] | null;
            /** @description What stands before the names of models (`arn:aws:bedrock:REGION:ACCOUNT:inference-profile`), or the ARN of one. */
            arn?: string | null;
            /** @description The model id, inference profile or ARN of each model that is asked for by another name. */
            deployments?: {
                [key: string]: string;
            };
            /** @description What the role's owner asks of third parties, or `env.NAME`. */
            external_id?: string | null;
            /** @description The region, or `env.NAME`. Unset: AWS_REGION, AWS_DEFAULT_REGION, the profile's, else `us-east-1`. */
            region?: string | null;
            /** @description A role to take, or `env.NAME`. */
            role_arn?: string | null;
            /** @description The secret access key, or `env.NAME`. Never shown again. */
            secret_key?: components["schemas"]["KeyValue"] | null;
            /** @description What the role's session is called; `gateway` when unset. */
            session_name?: string | null;
            /** @description What goes with keys that expire, or `env.NAME`. Never shown again. */
            session_token?: components["schemas"]["KeyValue"] | null;
        };
        /** @description Whatever has a price per unit: a class of tokens, or a measure. */
        Billable: components["schemas"]["TokenClass"] | components["schemas"]["Measure"];
        /** @description One class of tokens, or one measure. */
        BilledAmount: {
            /**
             * Format: double
             * @description The product in dollars.
             */
            amount: number;
            /** @description The product exactly, in trillionths of a dollar. */
            amount_pico_usd: string;
            class: components["schemas"]["Billable"];
            /**
             * Format: double
             * @description How many; a fraction where the measure has them.
             */
            count: number;
            /**
             * Format: double
             * @description Dollars each.
             */
            unit_price: number;
        };
        /** @description What one attempt used and cost. */
        BilledAttempt: {
            /** @description By class of tokens and by other measures; empty where there is no price, or the provider said what it costs. */
            amounts: components["schemas"]["BilledAmount"][];
            /**
             * Format: uint
             * @description Where it stands in the row's `attempts`, where it can be told.
             */
            attempt: number | null;
            /** @description How the usage is known. */
            basis: components["schemas"]["Basis"];
            /**
             * Format: double
             * @description In dollars.
             */
            cost: number;
            /**
             * Format: int64
             * @description Exactly, in billionths of a dollar.
             */
            cost_nano_usd: number;
            key_id: components["schemas"]["KeyId"];
            model: components["schemas"]["ModelName"];
            /**
             * Format: int64
             * @description What of the cost no hold covered, in billionths of a dollar.
             */
            overrun_nano_usd: number;
            /** @description Where the price is from: `catalogue`, `override …`, `provider`, … */
            priced_by: string;
            provider: components["schemas"]["ProviderName"];
            /** @description Whether the price of the model was not known. */
            unpriced: boolean;
        };
        /** @description What one quota was charged. */
        BilledQuota: {
            /**
             * Format: int64
             * @description In that unit.
             */
            amount: number;
            quota: components["schemas"]["QuotaId"];
            unit: components["schemas"]["QuotaUnit"];
        };
        /** @description A budget with its use. */
        Budget: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned: boolean;
            /**
             * Format: double
             * @description Dollars that were spent in this window.
             */
            current_usage: number;
            /**
             * Format: double
             * @description Dollars that calls under way hold.
             */
            held: number;
            /** @description Its id in paths. */
            id: components["schemas"]["QuotaId"];
            /** @description When the window began, in RFC 3339. None: nothing was spent yet. */
            last_reset: string | null;
            /**
             * Format: double
             * @description Dollars. 0 means only what costs nothing.
             */
            max_limit: number;
            /** @description How long a window lasts. */
            reset_duration: components["schemas"]["Span"];
            /** @description When it ends. None: it begins with the next use. */
            resets_at: string | null;
        };
        /** @description A sum of money over a window. */
        BudgetChange: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned?: boolean | null;
            /**
             * @description What it is called among its owner's budgets. Its usage goes by this, so that it stays when other budgets come and go.
             *     Unset: its place among them, from 0.
             */
            id?: string | null;
            /**
             * Format: double
             * @description Dollars. 0 means only what costs nothing.
             */
            max_limit?: number | null;
            /** @description How long a window lasts. */
            reset_duration?: components["schemas"]["Span"] | null;
        };
        /** @description A sum of money over a window. */
        BudgetInput: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned?: boolean;
            /**
             * @description What it is called among its owner's budgets. Its usage goes by this, so that it stays when other budgets come and go.
             *     Unset: its place among them, from 0.
             */
            id?: string | null;
            /**
             * Format: double
             * @description Dollars. 0 means only what costs nothing.
             */
            max_limit: number;
            /** @description How long a window lasts. */
            reset_duration: components["schemas"]["Span"];
        };
        /** @description By what somebody was let in. */
        By: "admin_token" | "loopback" | "session" | "password" | "api_token";
        /** @description What is kept of requests and responses in the logs. */
        Capture: "metadata" | "full";
        /** @description Where prices are from. */
        Catalogue: {
            /** @description Why what it holds now was not taken. */
            error: string | null;
            /** @description The file that stands over the embedded catalogue. */
            file: string | null;
            /**
             * Format: uint
             * @description How many models are known.
             */
            models: number;
            /** @description When what is in force was taken from it, in RFC 3339. */
            taken_at: string | null;
        };
        /** @description The password that is, and the one that is to be. */
        ChangePassword: {
            /** @description At least 12 characters. */
            new_password: string;
            password: string;
        };
        /** @description What happened to a document. */
        ChangeWord: "created" | "changed" | "deleted";
        /** @description An answer; there are several where more were asked for. */
        ChatAnswer: {
            /** @description Why it ended: `stop`, `length`, `tools`, `filtered`, `refusal`, `pause`, or the provider's word. */
            finish: string | null;
            parts: components["schemas"]["ChatPart"][];
        };
        /** @description A source that a text cites. */
        ChatCitation: {
            quote: string | null;
            title: string | null;
            url: string | null;
        };
        /** @description A chat completion request, as OpenAI documents it. */
        ChatCompletion: {
            /** @description What was said so far. */
            messages: unknown[];
            /** @description The model. */
            model: string;
            /** @description Whether the answer is to come as it is made. */
            stream?: boolean | null;
        };
        /** @description Media, by reference: what was sent inline is told by its type and size, and not repeated. */
        ChatMedia: {
            /**
             * Format: uint64
             * @description How large it is, in bytes, where it was sent inline.
             */
            bytes: number | null;
            /** @description Its id at the provider, where it is kept there. */
            file: string | null;
            media_type: string | null;
            /** @description Its text, where it is plain text. */
            text: string | null;
            /** @description Its address, where it has one. */
            url: string | null;
        };
        /** @description A message. */
        ChatMessage: {
            /** @description The speaker's name, where it has one. */
            name: string | null;
            parts: components["schemas"]["ChatPart"][];
            role: components["schemas"]["ChatRole"];
        };
        /** @description A piece of a message. */
        ChatPart: {
            /** @description Sources that it cites. */
            citations: components["schemas"]["ChatCitation"][];
            text: string;
            /** @constant */
            type: "text";
        } | {
            media: components["schemas"]["ChatMedia"];
            /** @constant */
            type: "image";
        } | {
            media: components["schemas"]["ChatMedia"];
            transcript: string | null;
            /** @constant */
            type: "audio";
        } | {
            media: components["schemas"]["ChatMedia"];
            /** @constant */
            type: "video";
        } | {
            media: components["schemas"]["ChatMedia"];
            name: string | null;
            /** @constant */
            type: "document";
        } | {
            /** @description As the model wrote them: JSON for functions, any text for freeform tools. */
            arguments: string;
            id: string;
            name: string;
            /** @constant */
            type: "tool_call";
        } | {
            failed: boolean;
            id: string;
            name: string | null;
            parts: components["schemas"]["ChatPart"][];
            /** @constant */
            type: "tool_result";
        } | {
            /** @description Whether there is more of it that only the provider can read. */
            encrypted: boolean;
            text: string;
            /** @constant */
            type: "reasoning";
        } | {
            text: string;
            /** @constant */
            type: "refusal";
        } | {
            dialect: components["schemas"]["DialectName"];
            json: unknown;
            /** @constant */
            type: "other";
        };
        /** @description Who speaks. */
        ChatRole: "system" | "user" | "assistant";
        /** @description A tool that the model might use. */
        ChatTool: {
            description: string | null;
            name: string;
        };
        /** @description The tokens of one class. Classes are disjoint. */
        ClassTokens: {
            class: components["schemas"]["TokenClass"];
            /** Format: uint64 */
            tokens: number;
        };
        /** @description How requests are taken, for all callers. */
        Client: {
            /** @description Who is told when a budget runs low. */
            alerts?: components["schemas"]["Alerts"] | null;
            /**
             * @description What is kept of requests and responses.
             * @default metadata
             */
            content_capture: components["schemas"]["Capture"];
            /**
             * @description Whether request logs are kept.
             * @default true
             */
            enable_logging: boolean;
            /** @description Whether a call needs a virtual key. Unset: when the gateway listens beyond loopback. */
            enforce_auth_on_inference?: boolean | null;
            /**
             * @description Whether the gateway keeps responses (for 30 days, with what they answered) for clients that come back for them by their
             *     ids, where the model's provider does not.
             * @default true
             */
            keep_responses: boolean;
            /**
             * Format: uint32
             * @description How long request logs are kept, in days.
             * @default 365
             */
            log_retention_days: number;
            /**
             * Format: uint32
             * @description How many attempts one request may make, fallbacks and retries together.
             * @default 10
             */
            max_attempts: number;
            /**
             * Format: uint32
             * @description The most that a request body may have, in MiB.
             * @default 100
             */
            max_request_body_size_mb: number;
            /**
             * @description What the names of the gateway's own metrics begin with.
             * @default bifrost
             */
            metrics_prefix: string;
            /**
             * @description What happens to a stream whose client has left, unless its virtual key says otherwise.
             * @default cancel
             */
            on_disconnect: components["schemas"]["OnDisconnect"];
            /**
             * Format: uint32
             * @description How long after it came a request may still start an attempt, in seconds.
             * @default 600
             */
            request_timeout_in_seconds: number;
            /** @description Headers that every call must carry. */
            required_headers?: string[];
            /**
             * @description What a call costs whose model has no price.
             * @default refuse_under_budget
             */
            unknown_price: components["schemas"]["UnknownPrice"];
            /** @description How long a virtual key's old value still works after its rotation. Unset: not at all. */
            vk_rotation_cooldown?: components["schemas"]["Span"] | null;
        };
        /** @description How requests are taken, for all callers. */
        ClientChange: {
            /** @description Who is told when a budget runs low. */
            alerts?: components["schemas"]["AlertsInput"] | null;
            /** @description What is kept of requests and responses. */
            content_capture?: components["schemas"]["Capture"] | null;
            /** @description Whether request logs are kept. */
            enable_logging?: boolean | null;
            /** @description Whether a call needs a virtual key. Unset: when the gateway listens beyond loopback. */
            enforce_auth_on_inference?: boolean | null;
            /**
             * @description Whether the gateway keeps responses (for 30 days, with what they answered) for clients that come back for them by their
             *     ids, where the model's provider does not.
             */
            keep_responses?: boolean | null;
            /**
             * Format: uint32
             * @description How long request logs are kept, in days.
             */
            log_retention_days?: number | null;
            /**
             * Format: uint32
             * @description How many attempts one request may make, fallbacks and retries together.
             */
            max_attempts?: number | null;
            /**
             * Format: uint32
             * @description The most that a request body may have, in MiB.
             */
            max_request_body_size_mb?: number | null;
            /** @description What the names of the gateway's own metrics begin with. */
            metrics_prefix?: string | null;
            /** @description What happens to a stream whose client has left, unless its virtual key says otherwise. */
            on_disconnect?: components["schemas"]["OnDisconnect"] | null;
            /**
             * Format: uint32
             * @description How long after it came a request may still start an attempt, in seconds.
             */
            request_timeout_in_seconds?: number | null;
            /** @description Headers that every call must carry. */
            required_headers?: string[] | null;
            /** @description What a call costs whose model has no price. */
            unknown_price?: components["schemas"]["UnknownPrice"] | null;
            /** @description How long a virtual key's old value still works after its rotation. Unset: not at all. */
            vk_rotation_cooldown?: components["schemas"]["Span"] | null;
        };
        /** @description Parts of the answer, which `completion_tokens` has as well. */
        CompletionTokens: {
            /** Format: uint64 */
            audio_tokens: number;
            /** Format: uint64 */
            image_tokens: number;
            /** Format: uint64 */
            reasoning_tokens: number;
        };
        /** @description Whether a deployment may be asked, and if not, why. */
        Condition: "ready" | "probe_due" | "probing" | "broken" | "unreachable" | "key_refused" | "rate_limited" | "model_missing";
        /** @description A condition to look at. */
        ConditionCheck: {
            /** @description The condition. */
            cel_expression: string;
            /** @description What a sample call is like, by the names of the schema: whether the condition is true of it is told too. */
            facts?: components["schemas"]["Facts"] | null;
        };
        /** @description What is to be said of a condition. */
        ConditionChecked: {
            /** @description Why not. */
            errors: components["schemas"]["ConditionFault"][];
            /** @description The names that it looks at; a key of a map as `headers.x-tier`. */
            uses: string[];
            /** @description Whether a rule may have it. */
            valid: boolean;
            /** @description What it is of the sample call; null where there is none, or the condition is wrong. */
            verdict: components["schemas"]["ConditionVerdict"] | null;
            /** @description What is allowed and probably not meant. */
            warnings: components["schemas"]["ConditionFault"][];
        };
        /** @description Something about a part of a condition. */
        ConditionFault: {
            /**
             * Format: uint
             * @description The column where it begins, from 1.
             */
            column: number;
            /**
             * Format: uint
             * @description Where it ends.
             */
            end: number;
            /** @description What is probably meant, to stand there instead. */
            instead?: string | null;
            /**
             * Format: uint
             * @description The line where it begins, from 1.
             */
            line: number;
            /** @description What it is, and what would be right. */
            message: string;
            /**
             * Format: uint
             * @description Where it begins, in characters from 0.
             */
            position: number;
        };
        /** @description A name that conditions may use. */
        ConditionName: {
            /** @description What it is. */
            description: string;
            /** @description The name. */
            name: string;
            /** @description Its type, in CEL's words. */
            type: string;
            /** @description All that it can be, where that is a short list. */
            values?: string[];
        };
        /** @description What conditions may speak of. */
        ConditionSchema: {
            /** @description Every name. */
            names: components["schemas"]["ConditionName"][];
        };
        /** @description What a condition is of a call. */
        ConditionVerdict: {
            /** @description Whether it is true; null where it speaks of something that the call has not, which counts as not. */
            fits: boolean | null;
            /** @description Why it is not. */
            why: string | null;
        };
        /** @description The client section, where it is from, and what is wrong with the files if anything is. */
        Config: {
            /** @description Where prices are from. */
            catalogue: components["schemas"]["Catalogue"];
            /** @description How requests are taken, for all callers. */
            client_config: components["schemas"]["Client"];
            /** @description The configuration file, where there is one. */
            config_file: string | null;
            /** @description Why what that file holds now was not taken. */
            config_file_error: string | null;
            /** @description Always true: the gateway does not run without its store. */
            is_db_connected: boolean;
            /** @description Always true, for the same reason. */
            is_logs_connected: boolean;
            /** @description Where the section is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /**
             * Format: uint64
             * @description The revision of the settings.
             */
            revision: number;
        };
        /** @description A change of the client section. */
        ConfigChange: {
            /** @description What changes of it. */
            client_config: components["schemas"]["ClientChange"];
        };
        /** @description The client section after a change. */
        ConfigSaved: {
            /** @description Where prices are from. */
            catalogue: components["schemas"]["Catalogue"];
            /** @description How requests are taken, for all callers. */
            client_config: components["schemas"]["Client"];
            /** @description The configuration file, where there is one. */
            config_file: string | null;
            /** @description Why what that file holds now was not taken. */
            config_file_error: string | null;
            /** @description Always true: the gateway does not run without its store. */
            is_db_connected: boolean;
            /** @description Always true, for the same reason. */
            is_logs_connected: boolean;
            /** @description What was done. */
            message: string;
            /** @description Where the section is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /**
             * Format: uint64
             * @description The revision of the settings.
             */
            revision: number;
            /** @description What was sent and does not act, or not yet. */
            warnings?: string[];
        };
        /** @description A turn of a conversation. What cannot be read is left to the raw bodies. */
        Conversation: {
            /** @description What it got, a stream put together; none where it cannot be read. */
            answers: components["schemas"]["ChatAnswer"][] | null;
            /** @description What the client sent, system messages included where they stood; none where it cannot be read. */
            messages: components["schemas"]["ChatMessage"][] | null;
            /** @description Whether the request was longer than what is kept. */
            request_cut: boolean;
            /** @description Whether the answer was longer than what is kept. */
            response_cut: boolean;
            /** @description The tools that the model might use. */
            tools: components["schemas"]["ChatTool"][];
        };
        /** @description A slot of time. */
        CostBucket: {
            /** @description By model, where nothing is filtered by. */
            by_model: {
                [key: string]: number;
            };
            /** @description When it begins (RFC 3339). */
            timestamp: string;
            /**
             * Format: double
             * @description Of all.
             */
            total_cost: number;
        };
        /** @description Figures over time, slots without any request included. */
        CostHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["CostBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /** @description What a call can cost, in dollars. */
        CostRange: {
            /**
             * Format: double
             * @description Its estimated input, and not a word in answer.
             */
            least: number;
            /**
             * Format: double
             * @description The longest answer that it may get: what is held beforehand.
             */
            most: number;
        };
        /** @description A customer, with what its teams and virtual keys have used together. */
        Customer: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description Its id in paths and logs. */
            id: components["schemas"]["CustomerId"];
            /** @description The name to show. */
            name: string;
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /** @description Its teams. */
            teams: components["schemas"]["Party"][];
            /**
             * Format: uint
             * @description How many virtual keys are its own or its teams'.
             */
            virtual_key_count: number;
        };
        CustomerAnswer: {
            customer: components["schemas"]["Customer"];
            /** @description What was done, where something was */
            message?: string;
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A customer: what its teams and virtual keys may spend together. */
        CustomerChange: {
            /** @description Instead of `budgets`: the first of them, of which what is not said stays; `{}` or null removes all. */
            budget?: components["schemas"]["BudgetInput"] | Record<string, never> | null;
            /** @description What may be spent. */
            budgets?: components["schemas"]["BudgetInput"][] | null;
            /** @description For every budget and the rate limit that do not say otherwise. */
            calendar_aligned?: boolean | null;
            /** @description Its id in paths and logs. */
            id?: components["schemas"]["CustomerId"] | null;
            /** @description A name to show. */
            name?: string | null;
            /** @description How often may be called, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
        };
        /** @description A customer: teams and virtual keys with budgets and limits of their own together. */
        CustomerId: string;
        CustomerList: {
            /** @description How many are on this page */
            count: number;
            customers: components["schemas"]["Customer"][];
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description A customer's share. */
        CustomerShare: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /** @description Its id; null for requests of no customer. */
            customer: string | null;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /** @description What it is called; its id where it is gone. */
            name: string | null;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description What a provider of the operator's own naming speaks. */
        CustomProviderConfig: {
            /** @description What clients may ask of it. Omitted: everything; present: only what is true. */
            allowed_requests?: {
                batch?: boolean;
                chat_completion?: boolean;
                chat_completion_stream?: boolean;
                count_tokens?: boolean;
                embedding?: boolean;
                file?: boolean;
                image_edit?: boolean;
                image_edit_stream?: boolean;
                image_generation?: boolean;
                image_generation_stream?: boolean;
                image_variation?: boolean;
                list_models?: boolean;
                moderation?: boolean;
                passthrough?: boolean;
                rerank?: boolean;
                responses?: boolean;
                responses_stream?: boolean;
                speech?: boolean;
                speech_stream?: boolean;
                text_completion?: boolean;
                text_completion_stream?: boolean;
                transcription?: boolean;
                transcription_stream?: boolean;
            } | null;
            /** @description The known provider that it speaks like: `openai`, `anthropic`, or a self-hosted kind such as `vllm`. */
            base_provider_type: string;
            /** @description Whether it takes no credential. */
            is_key_less?: boolean;
            /** @description Paths, or whole URLs, in place of the usual ones. */
            request_path_overrides?: {
                batch?: string;
                chat_completion?: string;
                chat_completion_stream?: string;
                count_tokens?: string;
                embedding?: string;
                file?: string;
                image_edit?: string;
                image_edit_stream?: string;
                image_generation?: string;
                image_generation_stream?: string;
                image_variation?: string;
                list_models?: string;
                moderation?: string;
                passthrough?: string;
                rerank?: string;
                responses?: string;
                responses_stream?: string;
                speech?: string;
                speech_stream?: string;
                text_completion?: string;
                text_completion_stream?: string;
                transcription?: string;
                transcription_stream?: string;
            };
        };
        /** @description A decision as it is read again. */
        Decision: {
            /**
             * @description Who is not.
             * @default []
             */
            left_out: components["schemas"]["PlannedCandidate"][];
            /** @description The model as asked for; none where the call was refused before there was a plan. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description Who was not even looked at: the caller may not use it, or it does not serve the model. */
            not_allowed?: components["schemas"]["NotAllowed"][];
            /**
             * @description Who is tried, in order.
             * @default []
             */
            picks: components["schemas"]["PlannedCandidate"][];
            /** @description What routing rules made of it, where there are some. */
            routing?: components["schemas"]["Routing"] | null;
            /**
             * Format: uint64
             * @description What the lots were drawn from.
             */
            seed?: number | null;
            /** @description How it was chosen. */
            strategy?: components["schemas"]["Strategy"] | null;
        };
        /** @description One place that can serve a model. What the router remembers, it remembers per deployment. */
        Deployment: {
            /**
             * Format: uint64
             * @description A fingerprint of base URL and credential: health starts afresh when it changes.
             */
            endpoint: number;
            /** @description The credential of it. */
            key: components["schemas"]["KeyId"];
            /** @description The model as the upstream calls it. */
            model: components["schemas"]["ModelName"];
            /** @description The configured upstream. */
            provider: components["schemas"]["ProviderName"];
            /**
             * Format: uint64
             * @description A fingerprint of the base URL alone: deployments of one provider that share it cannot be reached together.
             * @default 0
             */
            upstream: number;
        };
        /** @description How one deployment stands. */
        DeploymentHealth: {
            /** @description Where it is. */
            base_url: string | null;
            /**
             * Format: uint32
             * @description Calls that ended within the window of the breaker.
             */
            calls: number;
            /** @description Whether it may be asked. */
            condition: components["schemas"]["Condition"];
            /** @description Which one. */
            deployment: components["schemas"]["Deployment"];
            /**
             * Format: double
             * @description The part of the calls that failed, from 0 to 1, within the window of the breaker; nothing where there was none.
             */
            error_rate: number | null;
            /**
             * Format: double
             * @description The same, faded with the time since it was measured: what the latency strategy goes by.
             */
            expected_ms: number | null;
            /**
             * Format: uint32
             * @description How many of them failed.
             */
            failures: number;
            /**
             * Format: uint32
             * @description Calls that it has, streams that still run included.
             */
            in_flight: number;
            /** @description What its key is called. */
            key_name: string | null;
            /** @description The latest call that spoke against it or its key. */
            last_failure: components["schemas"]["LastFailure"] | null;
            /**
             * Format: double
             * @description The measured time to the first byte (peak EWMA), in milliseconds.
             */
            latency_ms: number | null;
            /** @description When it may be asked again, in RFC 3339; nothing where it may be asked now. */
            ready_at: string | null;
            /**
             * Format: uint64
             * @description When it may be asked again, in milliseconds from then; 0 if it may.
             */
            ready_in_ms: number;
            /** @description How it stands, in words. */
            words: string;
        };
        /** @description How all deployments stand that were called since the gateway started. */
        DeploymentList: {
            /** @description They, by provider, model and key. */
            deployments: components["schemas"]["DeploymentHealth"][];
        };
        /** @description An API shape. */
        DialectName: "openai" | "responses" | "anthropic" | "gemini" | "bedrock" | "cohere" | "ollama" | "elevenlabs";
        /** @description Which way a list is sorted. */
        Direction: "asc" | "desc";
        /** @description What is known of the models that an upstream serves. */
        Discovery: {
            /** @description When the upstream gave it, in RFC 3339. */
            at: string | null;
            /** @description Why the latest look came to nothing, where it did. */
            error: string | null;
            /**
             * Format: uint
             * @description How many models are on it.
             */
            models: number;
            /** @description Whether there is a list. */
            status: components["schemas"]["DiscoveryStatus"];
        };
        /** @description Whether a list of models is known. */
        DiscoveryStatus: "known" | "failed" | "unknown";
        /**
         * Format: double
         * @description An amount of dollars.
         */
        Dollars: number;
        /** @description A slot of time. */
        DollarsByProviderBucket: {
            /** @description Those that answered anything in the slot. */
            by_provider: {
                [key: string]: components["schemas"]["Dollars"];
            };
            /** @description When it begins (RFC 3339). */
            timestamp: string;
        };
        /** @description Figures over time, slots without any request included. */
        DollarsByProviderHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["DollarsByProviderBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /** @description An earlier value of a key, which still works. */
        EarlierValue: {
            /** @description Until when, in RFC 3339. */
            until: string;
        };
        /** @description A document that a revision changed, with both of its states. */
        Edit: {
            /** @description What it says now, secrets covered; null where there is none. */
            after: unknown;
            /** @description What it said, secrets covered; null where there was none. */
            before: unknown;
            /** @description What happened to it. */
            change: components["schemas"]["ChangeWord"];
            /** @description The fields that differ: at most 200. */
            fields: components["schemas"]["FieldChange"][];
            /** @description Which one. */
            name: string;
            /** @description What it is: `provider`, `virtual_key`, `client`, … */
            section: string;
        };
        /** @description A document that a revision changed. */
        EditName: {
            /** @description What happened to it. */
            change: components["schemas"]["ChangeWord"];
            /** @description Which one. */
            name: string;
            /** @description What it is: `provider`, `virtual_key`, `client`, … */
            section: string;
        };
        /** @description A limit that a virtual key is under. */
        EffectiveLimit: {
            /** @description Whether windows follow the UTC calendar. */
            calendar_aligned: boolean;
            /**
             * Format: double
             * @description What calls under way hold of it.
             */
            held: number;
            /** @description Its id in the ledger and in refusals. */
            id: components["schemas"]["QuotaId"];
            /**
             * Format: double
             * @description How much of it: dollars, or a number.
             */
            limit: number;
            /** @description The calls that it holds for: those to these models, `*` being a wildcard. None: to every model. */
            model: string | null;
            /** @description Whose it is. */
            owner: components["schemas"]["LimitOwner"];
            /** @description The calls that it holds for: those to this provider. None: to every provider. */
            provider: components["schemas"]["ProviderName"] | null;
            /**
             * Format: double
             * @description What is left; never below 0.
             */
            remaining: number;
            /** @description How long a window lasts. None where there is no window: of requests in flight. */
            reset_duration: components["schemas"]["Span"] | null;
            /** @description When the window ends, in RFC 3339. None: it begins with the next use. */
            resets_at: string | null;
            /** @description Whether it leaves the least of those of its unit that hold for every call: what will refuse first. */
            tightest: boolean;
            /** @description What is counted. */
            unit: components["schemas"]["LimitUnit"];
            /**
             * Format: double
             * @description What was used of it in this window.
             */
            used: number;
        };
        /** @description Every limit that a virtual key is under. */
        EffectiveLimits: {
            /** @description The limits: the key's own first, then its team's and its customer's, then those of providers and models. */
            limits: components["schemas"]["EffectiveLimit"][];
            /** @description The key. */
            virtual_key_id: components["schemas"]["VirtualKeyId"];
        };
        /** @description Whose call it would be. */
        ExplainedCaller: {
            /** @description Its customer, or its team's. */
            customer: components["schemas"]["CustomerId"] | null;
            /** @description The virtual key. */
            id: components["schemas"]["VirtualKeyId"] | null;
            /** @description What kind of caller that is. */
            kind: components["schemas"]["WhoCalls"];
            /** @description Its name. */
            name: string | null;
            /** @description Its team. */
            team: components["schemas"]["TeamId"] | null;
        };
        /** @description A place that could serve the call. */
        ExplainedCandidate: {
            /** @description Whether another model is served than the one asked for. */
            alias: boolean;
            /** @description The model that its group was asked for. */
            asked: components["schemas"]["ModelName"];
            /** @description Where it is. */
            base_url?: string | null;
            /**
             * Format: uint64
             * @description The cap that the request would get so that it stays within the limits.
             */
            clamped: number | null;
            /** @description What the call would cost there, in dollars; none where no price is known. */
            cost: components["schemas"]["CostRange"] | null;
            /** @description What would be tried. */
            deployment: components["schemas"]["Deployment"];
            /**
             * Format: uint32
             * @description The group that it comes from: 0 the asked model, then fallbacks.
             */
            group: number;
            /** @description How it stands. */
            health: components["schemas"]["Standing"];
            /** @description Whether it is tried at all. */
            in: boolean;
            /**
             * Format: uint32
             * @description Where it stands in its group.
             */
            index: number;
            /** @description What its key is called. */
            key_name: string | null;
            /**
             * Format: double
             * @description The weight of its key among those of the provider.
             */
            key_weight: number;
            /** @description Whether it comes only when nothing else is left. */
            last_resort: boolean;
            /**
             * Format: uint64
             * @description The most tokens that an answer can have there.
             */
            max_output: number | null;
            /**
             * Format: uint32
             * @description Its place in the order of trial, from 1; none where it is left out.
             */
            place?: number | null;
            /** @description What it charges. */
            price: components["schemas"]["ExplainedPrice"] | null;
            /** @description Who says so. */
            priced_by: components["schemas"]["PricedBy"] | null;
            /** @description Why it stands there, or why it is out. */
            reason: components["schemas"]["PlanReason"];
            /** @description Why it would be passed over when its turn comes, where a limit or its price is in the way. */
            refusal: components["schemas"]["ExplainedRefusal"] | null;
            /**
             * Format: double
             * @description What the strategy ranked its provider by: less is earlier.
             */
            score?: number | null;
            /**
             * Format: double
             * @description How much of such calls it is asked first for, from 0 to 1; none where that is not drawn by weight.
             */
            share: number | null;
            /**
             * Format: double
             * @description The weight of its entry.
             */
            weight: number;
            /** @description The same in words. */
            why: string;
        };
        /** @description A quota that the call would meet. */
        ExplainedLimit: {
            /**
             * Format: int64
             * @description What calls under way hold of it.
             */
            held: number;
            /**
             * Format: int64
             * @description Its limit; money in nano-dollars.
             */
            limit: number;
            /** @description Whose it is, in words. */
            owner: string | null;
            /** @description Its id. */
            quota: components["schemas"]["QuotaId"];
            /** @description When its window ends. */
            resets_at: string | null;
            /** @description What it counts. */
            unit: components["schemas"]["QuotaUnit"];
            /**
             * Format: int64
             * @description What of that is used.
             */
            used: number;
        };
        /** @description What would happen in the end. */
        ExplainedOutcome: {
            /**
             * Format: uint32
             * @description Who is asked first: the place of a candidate; none where the call is refused.
             */
            first: number | null;
            /** @description Why the caller is refused, where it is. */
            refusal: components["schemas"]["ExplainedRefusal"] | null;
            /** @description What happens, in a sentence. */
            sentence: string;
        };
        /** @description What a place charges. */
        ExplainedPrice: string | {
            [key: string]: number;
        };
        /** @description A refusal, as the caller would be told it. */
        ExplainedRefusal: {
            /** @description The code of the error. */
            code: string;
            /** @description What is wrong, and what would be right. */
            message: string;
            /** @description The quota that refuses, where one does. */
            quota: components["schemas"]["QuotaId"] | null;
            /**
             * Format: uint64
             * @description When coming back can help, in seconds.
             */
            retry_after_s: number | null;
            /**
             * Format: uint16
             * @description The HTTP status.
             */
            status: number;
        };
        /** @description What the gateway reads off a request. */
        ExplainedRequest: {
            /** @description Models to try after the first. */
            fallbacks: components["schemas"]["ModelName"][];
            /**
             * Format: uint64
             * @description More tokens than its input can have: what money is held for.
             */
            input_bound: number;
            /**
             * Format: uint64
             * @description A likely size of its input in tokens.
             */
            input_estimate: number;
            /**
             * Format: uint64
             * @description The cap on output that it states.
             */
            max_output: number | null;
            /** @description The model as asked for. */
            model: components["schemas"]["ModelName"];
            /** @description What is to be done. */
            operation: components["schemas"]["Operation"];
            /** @description Whether the answer is to be streamed. */
            stream: boolean;
        };
        /** @description What rules made of a call. */
        ExplainedRouting: {
            /** @description What the rules that were asked use of the call. */
            facts: components["schemas"]["Facts"];
            /** @description What they look at in a call. */
            looks_at: components["schemas"]["RulesLookAt"];
            /** @description The rule that fits, if one does. */
            rule: components["schemas"]["MatchedRule"] | null;
            /** @description Every rule for the caller, in the order in which they are asked. */
            rules: components["schemas"]["AskedRule"][];
            /** @description Rules that were asked before and speak of something that the call has not. */
            undecided: components["schemas"]["UndecidedRule"][];
        };
        /** @description What would happen to a request. */
        Explanation: {
            /** @description Whose call it would be. */
            caller: components["schemas"]["ExplainedCaller"];
            /** @description Every candidate in the order of trial, then those that are left out. */
            candidates: components["schemas"]["ExplainedCandidate"][];
            /** @description The quotas that the call would meet, and how they stand. */
            limits: components["schemas"]["ExplainedLimit"][];
            /** @description Providers that are no candidates, and why. */
            not_allowed: components["schemas"]["NotAllowed"][];
            /** @description What would happen in the end. */
            outcome: components["schemas"]["ExplainedOutcome"];
            /** @description The same as text, to be sent as `seed`: not every reader of JSON keeps so long a number. */
            replay: string;
            /** @description What the gateway reads off the request. */
            request: components["schemas"]["ExplainedRequest"];
            /** @description The state of the settings that it is explained by. */
            revision: components["schemas"]["Revision"];
            /** @description What the rules for the caller make of it; null where there are none. */
            routing: components["schemas"]["ExplainedRouting"] | null;
            /**
             * Format: uint64
             * @description What the lots were drawn from.
             */
            seed: number;
            /** @description How is chosen among the candidates; null where the call is refused before. */
            strategy: components["schemas"]["Strategy"] | null;
            /** @description The health that the plan read. */
            view: components["schemas"]["View"] | null;
            /** @description Its virtual key, if it is one's. */
            virtual_key: components["schemas"]["VirtualKeyId"] | null;
            /** @description The decision, sentence by sentence. */
            why: string[];
        };
        /** @description The settings as a configuration file would have them. */
        Exported: {
            /** @description The document, which `--config`, `--config-seed` and `POST /api/config/import` take. */
            document: {
                [key: string]: unknown;
            };
            /** @description What the document leaves out. */
            left_out: string[];
            /** @description The secrets that the document has no variable for, and what stands in their places. */
            needed: components["schemas"]["NeededSecret"][];
        };
        /** @description How many models there are of each sort, before those asked for are picked. */
        Facets: {
            /** @description By ability. */
            capabilities: {
                [key: string]: number;
            };
            /** @description By what they are for. */
            modes: {
                [key: string]: number;
            };
            /** @description By provider. */
            providers: {
                [key: string]: number;
            };
        };
        /** @description The value of a name for one call. */
        Fact: components["schemas"]["Scalar"] | string[] | {
            [key: string]: components["schemas"]["Scalar"];
        };
        /**
         * @description What is known of one call: a flat map of named facts. A name that a condition uses and that is not in it makes the
         *     condition undecided, as a missing key does.
         */
        Facts: {
            [key: string]: components["schemas"]["Fact"];
        };
        /** @description What became of something that has no exact counterpart in the other dialect. */
        Fate: "mapped" | "emulated" | "dropped";
        /** @description A field that differs. */
        FieldChange: {
            /** @description What it says now; null where it says nothing, and for secrets. */
            after: unknown;
            /** @description What it said; null where it said nothing, and for secrets. */
            before: unknown;
            /** @description Its path: `network_config.base_url`, `keys[0].weight`. */
            path: string;
            /** @description Whether it is a secret, of which only this is told: that it changed. */
            secret: boolean;
        };
        /** @description Figures over many requests. Percentiles are told to within a sixteenth. */
        Figures: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description A kind of file. */
        FileFormat: "csv" | "jsonl";
        /** @description What logs can be filtered by. */
        FilterData: {
            /** @description Customers whose keys called in the last weeks. */
            customers: components["schemas"]["Named"][];
            /** @description Kinds of error that came up in the last weeks. */
            error_codes: string[];
            /** @description Where models run. */
            hosting: components["schemas"]["Hosting"][];
            /** @description Models that answered in the last weeks. */
            models: string[];
            /** @description Kinds of request. */
            objects: string[];
            /** @description Providers that answered in the last weeks. */
            providers: string[];
            /** @description Routing rules that sent requests somewhere in the last weeks. */
            routing_rules: components["schemas"]["Named"][];
            /** @description Providers' keys, as they are set now. */
            selected_keys: components["schemas"]["KeyOfProvider"][];
            /** @description How requests end. */
            status: string[];
            /** @description Teams whose keys called in the last weeks. */
            teams: components["schemas"]["Named"][];
            /** @description Virtual keys that called in the last weeks. */
            virtual_keys: components["schemas"]["Named"][];
        };
        /** @description What a login page has to know. */
        Guarded: {
            /** @description Whether there are users to log in as. */
            has_users: boolean;
            /** @description Whether this call said it. */
            has_valid_token: boolean;
            /** @description Whether one has to say who one is. */
            is_auth_enabled: boolean;
        };
        /** @description Where the model runs that answered. */
        Hosting: "self_hosted" | "cloud";
        /** @description Where models run, and what is answered from there. */
        HostingShare: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /** @description `self_hosted` or `cloud`. */
            hosting: components["schemas"]["Hosting"];
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /** @description By time, slots without any request included. */
            series: components["schemas"]["HostingSlot"][];
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description A slot of time, by where models run. */
        HostingSlot: {
            /**
             * Format: uint64
             * @description How many requests there were.
             */
            count: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /** @description When it begins (RFC 3339). */
            timestamp: string;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description A request of the inference API. */
        InferenceRequest: {
            /** @description The model. */
            model: string;
        } & {
            [key: string]: unknown;
        };
        /** @description What a virtual key has done, as far as logs are kept. */
        KeyActivity: {
            /** @description When its latest call came, in RFC 3339. */
            last_used_at: string | null;
            /**
             * Format: double
             * @description Dollars in the last seven days.
             */
            week_cost: number;
            /**
             * Format: uint64
             * @description Calls in the last seven days.
             */
            week_requests: number;
            /**
             * Format: uint64
             * @description Tokens in the last seven days.
             */
            week_tokens: number;
        };
        /** @description What a key can be told. */
        KeyField: {
            /** @description What it is for. */
            help: string;
            /** @description What to call it. */
            label: string;
            /** @description Where it stands in the key: `azure_key_config.endpoint`. */
            path: string;
            /** @description What is written there. */
            sort: components["schemas"]["KeyFieldSort"];
            /** @description Whether most people have to say it; the rest is for some. */
            usual: boolean;
        };
        /** @description What is written in a field. */
        KeyFieldSort: "text" | "secret" | "list" | "map";
        /** @description One credential of a provider. */
        KeyId: string;
        /** @description A credential and the provider that it is of. */
        KeyOfProvider: {
            /** @description What the upstream calls a model that is asked for by another name. */
            aliases?: {
                [key: string]: string;
            };
            /** @description Its resource, for Azure. */
            azure_key_config?: components["schemas"]["AzureKey"] | null;
            /** @description Its account and region, for Bedrock. */
            bedrock_key_config?: components["schemas"]["BedrockKey"] | null;
            /** @description What is known of the models that it opens. */
            discovery: components["schemas"]["Discovery"];
            /**
             * @description Whether it may be used.
             * @default true
             */
            enabled: boolean;
            /** @description Its id. */
            id: components["schemas"]["KeyId"];
            /** @description The models it may be used for. None: all. */
            models: string[];
            /** @description Its name. */
            name: string;
            /** @description Its server, for Ollama. */
            ollama_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
            /** @description Its server, for SGLang. */
            sgl_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description `ready`, or what keeps it from being used. */
            status: string;
            /** @description Whether it can be used. */
            usable: boolean;
            /**
             * @description The credential, or `env.NAME`. Never shown again.
             * @default
             */
            value: components["schemas"]["KeyValue"];
            /** @description Its project, for Vertex AI. */
            vertex_key_config?: components["schemas"]["VertexKey"] | null;
            /** @description Its server, for vLLM. */
            vllm_key_config?: components["schemas"]["VllmKey"] | null;
            /** @description What was sent and does not act, or not yet. */
            warnings?: string[];
            /**
             * Format: double
             * @description Its share among the provider's keys.
             * @default 1
             */
            weight: number;
        };
        /** @description Whether a virtual key works. */
        KeyStatus: "active" | "disabled" | "expired";
        /** @description A virtual key that lists the provider. */
        KeyUse: {
            /** @description The models that it may ask for there. None: all. */
            allowed_models: string[];
            /** @description Its id. */
            id: components["schemas"]["VirtualKeyId"];
            /** @description Whether it is in use. */
            is_active: boolean;
            /** @description The keys of the provider that it may use. None: all. */
            key_ids: string[];
            /** @description Its name. */
            name: string;
            /** @description Whether it lists no other provider. */
            only: boolean;
            /**
             * Format: double
             * @description Its part of the weights above 0, from 0 to 1; 0 is only a fallback.
             */
            share: number;
            /**
             * Format: double
             * @description The weight of the provider.
             */
            weight: number;
        };
        /** @description A secret, or `env.NAME` for the environment variable that holds it. */
        KeyValue: string;
        /** @description What providers can be. */
        KindList: {
            /**
             * @description What a provider of one's own naming can be besides, by `custom_provider_config.base_provider_type`: each by the book
             *     of its dialect.
             */
            base_types: components["schemas"]["ProviderKind"][];
            /** @description Known providers and servers. A provider of that very name needs no `custom_provider_config`. */
            kinds: components["schemas"]["ProviderKind"][];
            /** @description What can be allowed or kept from clients in `custom_provider_config.allowed_requests`. */
            requests: string[];
        };
        /** @description A call that came to nothing. */
        LastFailure: {
            /** @description When it ended, in RFC 3339. */
            at: string;
            /** @description Its code, as in the attempts of log rows. */
            outcome: string;
            /** @description The same in words. */
            words: string;
        };
        /** @description Latencies in milliseconds; null where there was no request. */
        Latency: {
            /**
             * Format: double
             * @description The mean.
             */
            avg_latency: number | null;
            /**
             * Format: double
             * @description What half of them stayed under.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description What 90 of a hundred stayed under.
             */
            p90_latency: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description How many requests there were.
             */
            total_requests: number;
        };
        /** @description A slot of time. */
        LatencyBucket: {
            /**
             * Format: double
             * @description The mean.
             */
            avg_latency: number | null;
            /**
             * Format: double
             * @description What half of them stayed under.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description What 90 of a hundred stayed under.
             */
            p90_latency: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under.
             */
            p99_latency: number | null;
            /** @description When it begins (RFC 3339). */
            timestamp: string;
            /**
             * Format: uint64
             * @description How many requests there were.
             */
            total_requests: number;
        };
        /** @description A slot of time. */
        LatencyByProviderBucket: {
            /** @description Those that answered anything in the slot. */
            by_provider: {
                [key: string]: components["schemas"]["Latency"];
            };
            /** @description When it begins (RFC 3339). */
            timestamp: string;
        };
        /** @description Figures over time, slots without any request included. */
        LatencyByProviderHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["LatencyByProviderBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /** @description Figures over time, slots without any request included. */
        LatencyHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["LatencyBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /**
         * @description One class of tokens, or one measure, of an attempt. The price is per unit; a measure that is counted in parts says how
         *     many make a unit.
         */
        LedgerAmount: {
            /** @description The product in pico-dollars: digits, as it may be beyond what JSON numbers hold everywhere. */
            amount_pico_usd: string;
            /** @description The class, or the measure. */
            class: components["schemas"]["Billable"];
            /**
             * Format: uint64
             * @description How many.
             */
            count: number;
            /**
             * Format: uint64
             * @description How many of them make one unit.
             */
            parts_per_unit: number;
            /**
             * Format: int64
             * @description The price of a unit, in pico-dollars.
             */
            unit_price_pico_usd: number;
        };
        /** @description What one quota was charged. */
        LedgerCharge: {
            /**
             * Format: int64
             * @description How much, in the unit.
             */
            amount: number;
            /**
             * Format: double
             * @description The same in dollars, where dollars are counted.
             */
            dollars?: number | null;
            /**
             * Format: int64
             * @description What of it was beyond any grant.
             */
            overrun: number;
            /** @description The quota. */
            quota: string;
            /** @description What it counts. */
            unit: components["schemas"]["QuotaUnit"];
            /**
             * Format: uint64
             * @description The window in which it was charged.
             */
            window: number;
        };
        /** @description Something that is booked as one number and computed as another. */
        LedgerDifference: {
            /** @description Where. */
            at: string;
            /** @description As it is booked. */
            booked: string;
            /** @description As it is computed. */
            computed: string;
            /** @description What. */
            of: string;
        };
        /** @description What one call cost, and who was charged. */
        LedgerEntry: {
            /** @description When, in RFC 3339. */
            at: string;
            /** @description What each quota was charged. */
            charges: components["schemas"]["LedgerCharge"][];
            /** @description Its customer. */
            customer_id: string | null;
            /** @description Its id. */
            id: string;
            /** @description What each attempt that was paid for cost. */
            legs: components["schemas"]["LedgerLeg"][];
            /** @description What was asked. */
            operation: string;
            /** @description The call. */
            request_id: string;
            /** @description What the call was tagged with. */
            tags: {
                [key: string]: string;
            };
            /** @description Its team. */
            team_id: string | null;
            /**
             * Format: double
             * @description What it cost, in dollars.
             */
            total: number;
            /**
             * Format: int64
             * @description The same, exactly.
             */
            total_nano_usd: number;
            /** @description The virtual key that called. */
            virtual_key_id: string | null;
        };
        /** @description What one attempt cost. */
        LedgerLeg: {
            /** @description The cost line by line; none where the model has no price, or the provider said what it costs. */
            amounts: components["schemas"]["LedgerAmount"][];
            /** @description How the usage is known. */
            basis: components["schemas"]["Basis"];
            /**
             * Format: double
             * @description The cost, in dollars.
             */
            cost: number;
            /**
             * Format: int64
             * @description The same, exactly.
             */
            cost_nano_usd: number;
            /** @description Its key. */
            key_id: string;
            /** @description The model, in the provider's words. */
            model: string;
            /**
             * Format: int64
             * @description What of the cost no hold covered.
             */
            overrun_nano_usd: number;
            /** @description Who says what it costs. */
            priced_by: string;
            /** @description The provider. */
            provider: string;
            /** @description Whether the model's price was not known. */
            unpriced: boolean;
            /** @description Tokens by class, and units of other measures. */
            usage: unknown;
        };
        /** @description A page of the ledger. */
        LedgerList: {
            /** @description The page. */
            entries: components["schemas"]["LedgerEntry"][];
            /**
             * Format: uint64
             * @description What to give as `after` for the page that follows; null after the last.
             */
            next: number | null;
        };
        /** @description Whether all of the ledger adds up. */
        LedgerVerdict: {
            /** @description The differences, up to a thousand. */
            differences: components["schemas"]["LedgerDifference"][];
            /**
             * Format: uint64
             * @description How many entries were read.
             */
            entries: number;
            /**
             * Format: uint64
             * @description How many differences there are.
             */
            found: number;
            /** @description Whether nothing is wrong. */
            ok: boolean;
            /**
             * Format: uint64
             * @description How many windows were read.
             */
            windows: number;
        };
        /** @description The books of one window of a quota. Amounts are in the unit: nano-dollars, requests, tokens. */
        LedgerWindow: {
            /** @description When it ends, in RFC 3339. */
            ends_at: string;
            /**
             * Format: int64
             * @description What is granted and not returned.
             */
            granted: number;
            /**
             * Format: int64
             * @description What of that was beyond any grant.
             */
            overrun: number;
            /** @description The quota. */
            quota: string;
            /**
             * Format: int64
             * @description What entries have charged.
             */
            settled: number;
            /** @description When it began, in RFC 3339. */
            started_at: string;
            /**
             * Format: int64
             * @description What a crash left granted and never settled; charged until the window ends.
             */
            unaccounted: number;
            /** @description What it counts. */
            unit: components["schemas"]["QuotaUnit"];
            /**
             * Format: uint64
             * @description The window's number.
             */
            window: number;
        };
        /** @description The books of windows, the latest first. */
        LedgerWindowList: {
            /**
             * Format: uint64
             * @description What to give as `before` for the page that follows; null after the last.
             */
            next: number | null;
            /** @description The page. */
            windows: components["schemas"]["LedgerWindow"][];
        };
        /** @description Whose a limit is. */
        LimitOwner: {
            /** @description Its id; of a limit by model, the model. */
            id: string;
            /** @description Of what kind. */
            kind: components["schemas"]["LimitOwnerKind"];
            /** @description The name to show. */
            name: string;
        };
        /** @description Who or what has limits. */
        LimitOwnerKind: "virtual_key" | "team" | "customer" | "provider" | "model";
        /** @description What a limit counts. */
        LimitUnit: "dollars" | "requests" | "tokens" | "in_flight";
        /** @description One try. Times are in milliseconds. */
        LogAttempt: {
            /**
             * Format: double
             * @description When it was over, after the request came: for a stream, when that had ended.
             */
            ended: number;
            /**
             * Format: double
             * @description When the head of its answer came, after it began.
             */
            head: number | null;
            key_id: components["schemas"]["KeyId"];
            /**
             * Format: double
             * @description How long it took until its end or, of a stream, its first content.
             */
            latency: number;
            /** @description What it said or what broke, where something did. */
            message: string | null;
            /** @description In the upstream's words. */
            model: components["schemas"]["ModelName"];
            /** @description How it ended, in a word: `success`, `failed`, `unreachable`, `timed_out`, `skipped`, … */
            outcome: string;
            provider: components["schemas"]["ProviderName"];
            /** @description Why it was made: `first`, `retry`, `other_key`, `fallback`. */
            reason: string;
            /**
             * Format: double
             * @description When it began, after the request came.
             */
            started: number;
            /**
             * Format: uint16
             * @description The upstream's status, where it answered.
             */
            status_code: number | null;
        };
        /** @description What a call cost. */
        LogBill: {
            /** @description What each quota in scope was charged. */
            charges: components["schemas"]["BilledQuota"][];
            /** @description The entry's id in the ledger. */
            id: string;
            /** @description One for each attempt that was billed. */
            legs: components["schemas"]["BilledAttempt"][];
            /**
             * Format: double
             * @description In dollars.
             */
            total: number;
            /**
             * Format: int64
             * @description Exactly, in billionths of a dollar.
             */
            total_nano_usd: number;
        };
        /** @description Which rows are deleted. */
        LogDeletion: {
            /** @description Their ids. */
            ids: string[];
        };
        /** @description A request with everything that is kept of it. */
        LogDetail: {
            /** @description Every try, in order, those included that were passed over. */
            attempts: components["schemas"]["LogAttempt"][];
            /**
             * Format: uint64
             * @description The output cap that the gateway set, where a budget asked for one.
             */
            clamped_max_tokens: number | null;
            /** @description What was said, where content is kept (`content_capture: full`) and can be read. */
            conversation: components["schemas"]["Conversation"] | null;
            /**
             * Format: double
             * @description In dollars.
             */
            cost: number;
            customer_id: components["schemas"]["CustomerId"] | null;
            /** @description The API that the client speaks. */
            dialect: components["schemas"]["DialectName"] | null;
            /** @description What went wrong. */
            error_details: components["schemas"]["LogError"] | null;
            /**
             * Format: uint
             * @description Attempts that were made elsewhere.
             */
            fallback_index: number;
            /** @description Where the model runs. */
            hosting: components["schemas"]["Hosting"] | null;
            /** @description The request's id: what a caller finds in `x-gateway-request-id`. */
            id: string;
            /**
             * Format: double
             * @description From its first byte here to the last byte out, in milliseconds.
             */
            latency: number;
            /** @description What it cost, as the ledger has it; none where nothing was booked. */
            ledger: components["schemas"]["LogBill"] | null;
            /** @description What a translation between dialects did to fields that have no counterpart. */
            losses: components["schemas"]["Loss"][];
            /** @description What the caller and its key say of the request. */
            metadata: {
                [key: string]: string;
            };
            /** @description The model that answered, in the upstream's words. */
            model: components["schemas"]["ModelName"] | null;
            /**
             * Format: uint
             * @description Attempts that were made again at the same provider.
             */
            number_of_retries: number;
            /** @description What was asked for, in the reference's words. */
            object: string | null;
            /** @description What was asked for, in ours. */
            operation: string | null;
            /** @description Every candidate with its place and the reason for it. */
            plan: components["schemas"]["Decision"] | null;
            /** @description Who answered; none where nobody was reached or it was refused. */
            provider: components["schemas"]["ProviderName"] | null;
            /** @description The request body as it came, up to 256 KiB, where content is kept. A stream of AWS events is told line by line. */
            raw_request: string | null;
            /** @description The response body as it went out, likewise. */
            raw_response: string | null;
            /** @description The model as the client wrote it. */
            requested_model: components["schemas"]["ModelName"] | null;
            /** @description The routing rule that said where it goes. */
            routing_rule_id: string | null;
            /** @description How it was called then. */
            routing_rule_name: string | null;
            /** @description The provider's key that answered. */
            selected_key_id: components["schemas"]["KeyId"] | null;
            status: components["schemas"]["LogStatus"];
            /**
             * Format: uint16
             * @description The HTTP status sent.
             */
            status_code: number;
            /** @description Whether a stream was asked for. */
            stream: boolean;
            team_id: components["schemas"]["TeamId"] | null;
            /**
             * Format: double
             * @description From its first byte here to the first byte of content out, in milliseconds.
             */
            time_to_first_token: number | null;
            /** @description When it came, in RFC 3339. */
            timestamp: string;
            /** @description What was used; none where nothing was. */
            token_usage: components["schemas"]["TokenUsage"] | null;
            /** @description Tokens by class; those that there are. */
            tokens_by_class: components["schemas"]["ClassTokens"][];
            /** @description Whether the price of the model was not known. */
            unpriced: boolean;
            /**
             * Format: double
             * @description Of the latency, what was spent waiting for upstreams, in milliseconds.
             */
            upstream_latency: number;
            virtual_key_id: components["schemas"]["VirtualKeyId"] | null;
            /** @description Why this provider, sentence by sentence. */
            why: string[];
        };
        /** @description What went wrong. */
        LogError: {
            /** @description The code that clients match on. */
            code: string;
            /** @description In words. */
            message: string;
            /** @description Whose fault it is. */
            origin: components["schemas"]["Origin"];
        };
        /** @description That it worked. */
        LoggedIn: {
            /** @description When the session ends at the latest, in RFC 3339. */
            expires_at: string;
            message: string;
            role: components["schemas"]["Role"];
            username: string;
        };
        /** @description A name and a password. */
        Login: {
            password: string;
            username: string;
        };
        /** @description A page of log rows. */
        LogPage: {
            /** @description Whether there is any row at all, whatever the filters. */
            has_logs: boolean;
            /** @description The rows. */
            logs: components["schemas"]["LogRow"][];
            /** @description Where the page is. */
            pagination: components["schemas"]["LogPagination"];
            /** @description Where rows had to be looked at one by one and there were too many: they were looked at back to this time (RFC 3339). */
            searched_until: string | null;
            /** @description Figures over all rows that match, not only this page; null where they were not asked for. */
            stats: components["schemas"]["LogStats"] | null;
        };
        /** @description Where a page is. */
        LogPagination: {
            /**
             * Format: uint
             * @description The most rows of a page.
             */
            limit: number;
            /** @description The `cursor` of the next page; null where there is none. */
            next_cursor: string | null;
            /**
             * Format: uint
             * @description How many rows were skipped before it.
             */
            offset: number;
            /** @description In which direction. */
            order: string;
            /** @description The `cursor` of the page before; null where there is none. */
            prev_cursor: string | null;
            /** @description What rows are sorted by. */
            sort_by: string;
            /**
             * Format: uint64
             * @description How many rows match; null where they were not counted.
             */
            total_count: number | null;
        };
        /** @description A request, as lists show it: without its plan and kept content. */
        LogRow: {
            /** @description Every try, in order, those included that were passed over. */
            attempts: components["schemas"]["LogAttempt"][];
            /**
             * Format: uint64
             * @description The output cap that the gateway set, where a budget asked for one.
             */
            clamped_max_tokens: number | null;
            /**
             * Format: double
             * @description In dollars.
             */
            cost: number;
            customer_id: components["schemas"]["CustomerId"] | null;
            /** @description The API that the client speaks. */
            dialect: components["schemas"]["DialectName"] | null;
            /** @description What went wrong. */
            error_details: components["schemas"]["LogError"] | null;
            /**
             * Format: uint
             * @description Attempts that were made elsewhere.
             */
            fallback_index: number;
            /** @description Where the model runs. */
            hosting: components["schemas"]["Hosting"] | null;
            /** @description The request's id: what a caller finds in `x-gateway-request-id`. */
            id: string;
            /**
             * Format: double
             * @description From its first byte here to the last byte out, in milliseconds.
             */
            latency: number;
            /** @description What a translation between dialects did to fields that have no counterpart. */
            losses: components["schemas"]["Loss"][];
            /** @description What the caller and its key say of the request. */
            metadata: {
                [key: string]: string;
            };
            /** @description The model that answered, in the upstream's words. */
            model: components["schemas"]["ModelName"] | null;
            /**
             * Format: uint
             * @description Attempts that were made again at the same provider.
             */
            number_of_retries: number;
            /** @description What was asked for, in the reference's words. */
            object: string | null;
            /** @description What was asked for, in ours. */
            operation: string | null;
            /** @description Who answered; none where nobody was reached or it was refused. */
            provider: components["schemas"]["ProviderName"] | null;
            /** @description The model as the client wrote it. */
            requested_model: components["schemas"]["ModelName"] | null;
            /** @description The routing rule that said where it goes. */
            routing_rule_id: string | null;
            /** @description How it was called then. */
            routing_rule_name: string | null;
            /** @description The provider's key that answered. */
            selected_key_id: components["schemas"]["KeyId"] | null;
            status: components["schemas"]["LogStatus"];
            /**
             * Format: uint16
             * @description The HTTP status sent.
             */
            status_code: number;
            /** @description Whether a stream was asked for. */
            stream: boolean;
            team_id: components["schemas"]["TeamId"] | null;
            /**
             * Format: double
             * @description From its first byte here to the first byte of content out, in milliseconds.
             */
            time_to_first_token: number | null;
            /** @description When it came, in RFC 3339. */
            timestamp: string;
            /** @description What was used; none where nothing was. */
            token_usage: components["schemas"]["TokenUsage"] | null;
            /** @description Whether the price of the model was not known. */
            unpriced: boolean;
            /**
             * Format: double
             * @description Of the latency, what was spent waiting for upstreams, in milliseconds.
             */
            upstream_latency: number;
            virtual_key_id: components["schemas"]["VirtualKeyId"] | null;
        };
        /** @description What was deleted. */
        LogsDeleted: {
            /**
             * Format: uint64
             * @description How many rows there were to delete.
             */
            deleted: number;
            /** @description That it is done. */
            message: string;
        };
        /** @description Rows that could not be kept. */
        LogsDropped: {
            /**
             * Format: uint64
             * @description How many since the process began.
             */
            dropped_requests: number;
        };
        /** @description Figures over log rows. */
        LogStats: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there are none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Tokens in.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there are none.
             */
            success_rate: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there are.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description How a request ended. */
        LogStatus: "success" | "error" | "cancelled";
        /** @description One line of a loss report. */
        Loss: {
            /** @description What became of it. */
            fate: components["schemas"]["Fate"];
            /** @description Where it stood in the source, as a path: `messages[2].name`. */
            field: string;
            /** @description Why, in a few words. */
            note: string;
        };
        /**
         * @description How a pattern of models is read. What is said of a provider wins over what is said of all, and there an exact name over a
         *     wildcard, a wildcard over a regular expression.
         */
        Match: "regex" | "wildcard" | "exact";
        /** @description A rule that fits, and where the call goes by it. */
        MatchedRule: {
            /** @description Its condition. */
            condition: string;
            /** @description What is tried afterwards. */
            fallbacks: components["schemas"]["Place"][];
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description Whose calls it is for. */
            scope: components["schemas"]["RuleScope"];
            /** @description The target that the lot fell on. */
            target: components["schemas"]["Place"];
        };
        /** @description A virtual key that may use a model. */
        MayUse: {
            /** @description Its id. */
            id: components["schemas"]["VirtualKeyId"];
            /** @description Its name. */
            name: string;
        };
        /** @description A measure with a price per unit. */
        Measure: "request" | "character" | "image" | "second" | "search";
        /** @description That something was done. */
        Message: {
            /** @description What, in a sentence. */
            message: string;
        };
        /** @description A model at a provider, and what is known of it. */
        Model: {
            /** @description What goes in and what comes out. */
            architecture: components["schemas"]["Architecture"];
            /** @description What it can do: `tools`, `image_in`, `reasoning`, … */
            capabilities: string[];
            /** @description Whether the provider is configured and known to serve it. */
            configured: boolean;
            /**
             * Format: uint64
             * @description The most tokens that prompt and answer can have.
             */
            context_length: number | null;
            /** @description Whether the provider itself lists it; else it is known from the catalogue, or from the settings of a key. */
            discovered: boolean;
            /**
             * Format: uint64
             * @description The most tokens that a prompt can have.
             */
            max_input_tokens: number | null;
            /**
             * Format: uint64
             * @description The most tokens that an answer can have.
             */
            max_output_tokens: number | null;
            /** @description What it is for: `chat`, `embedding`, … */
            mode: string | null;
            /** @description The model, as it is asked for. */
            name: components["schemas"]["ModelName"];
            /** @description What it costs. */
            price: components["schemas"]["ModelPrice"];
            /** @description The provider: a configured one, or a name of the catalogue. */
            provider: components["schemas"]["ProviderName"];
            /** @description Whether a call can reach it now: the provider is not disabled and has a key that can be used. */
            reachable: boolean;
            /** @description Whether it runs on machines of one's own. */
            self_hosted: boolean;
            /** @description The configured providers that are known to serve a model of that name. */
            served_by: components["schemas"]["ProviderName"][];
            /** @description The virtual keys that may ask for it there; only where one model is asked for. */
            virtual_keys?: components["schemas"]["MayUse"][] | null;
        };
        /** @description A model at a provider. */
        ModelAt: {
            /** @description The model. */
            name: components["schemas"]["ModelName"];
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
        };
        /** @description What may be spent on a model, whoever calls. */
        ModelConfig: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description Its id in paths. */
            id: string;
            /** @description The model that is served, `*` being a wildcard. */
            model_name: string;
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description The provider that serves it. None: any, and all together. */
            provider: components["schemas"]["ProviderName"] | null;
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /** @description What does not act (yet). */
            warnings?: string[];
        };
        ModelConfigAnswer: {
            /** @description What was done, where something was */
            message?: string;
            model_config: components["schemas"]["ModelConfig"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description What may be spent on a model, whoever calls. */
        ModelConfigChange: {
            /** @description Instead of `budgets`: the first of them, of which what is not said stays; `{}` or null removes all. */
            budget?: components["schemas"]["BudgetInput"] | Record<string, never> | null;
            /** @description What may be spent. */
            budgets?: components["schemas"]["BudgetInput"][] | null;
            /** @description For every budget and the rate limit that do not say otherwise. */
            calendar_aligned?: boolean | null;
            /** @description Its id in paths. */
            id?: string | null;
            /** @description The model that is served, `*` being a wildcard. Every config that fits holds, not only the closest. */
            model_name?: string | null;
            /** @description The provider that serves it. Unset: any, and all together. */
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description How often may be called, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
        };
        ModelConfigList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            model_configs: components["schemas"]["ModelConfig"][];
            /** @description How many were skipped before */
            offset: number;
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description What a virtual key may spend on a model. */
        ModelLimit: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description The model that is served, `*` being a wildcard. */
            model_name: string;
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
        };
        /** @description What a virtual key may spend on a model. */
        ModelLimitInput: {
            /** @description What may be spent. */
            budgets?: components["schemas"]["BudgetInput"][];
            /** @description The model that is served, `*` being a wildcard. Every limit that fits holds, not only the closest. */
            model_name: string;
            /** @description How often may be called, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
        };
        /** @description A page of models. */
        ModelList: {
            /** @description What can be narrowed to: how many of the models each provider has, and each ability. */
            facets: components["schemas"]["Facets"];
            /**
             * Format: uint
             * @description The most that a page was to hold.
             */
            limit: number;
            /** @description The page. */
            models: components["schemas"]["Model"][];
            /**
             * Format: uint
             * @description How many were skipped before.
             */
            offset: number;
            /**
             * Format: uint
             * @description How many there are in all.
             */
            total: number;
        };
        /** @description A model, as asked for by a client or as an upstream calls it. */
        ModelName: string;
        /** @description Names of models. */
        ModelNames: {
            /** @description As many as were asked for. */
            models: components["schemas"]["ModelAt"][];
            /**
             * Format: uint
             * @description How many there are in all.
             */
            total: number;
        };
        /** @description What models are put in order by. */
        ModelOrder: "name" | "provider" | "context" | "max_output" | "input" | "output";
        /** @description What a model costs at a provider now, and who says so. */
        ModelPrice: {
            /** @description Other prices for longer prompts. */
            above?: components["schemas"]["PriceAbove"][] | null;
            /** @description Dollars per million tokens in a batch, where that is another price. */
            batch_per_million_tokens?: {
                [key: string]: number;
            } | null;
            /** @description Prices of the catalogue that hold for a time, the latest to begin first. */
            changes?: components["schemas"]["PriceChange"][];
            /** @description What it is for (`chat`, `embedding`, …), where that is known. */
            mode: string | null;
            /** @description The model. */
            model: components["schemas"]["ModelName"];
            /** @description Dollars per million tokens, by class. */
            per_million_tokens?: {
                [key: string]: number;
            } | null;
            /** @description Dollars per picture by quality and size, where it depends on them. */
            per_picture?: {
                [key: string]: number;
            } | null;
            /** @description Dollars per unit of other measures: a picture, a second, a search. */
            per_unit?: {
                [key: string]: number;
            } | null;
            /** @description Who says what it costs. */
            priced_by: components["schemas"]["PricedBy"];
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
            /** @description Whether a price is known. */
            status: components["schemas"]["PriceStatus"];
        };
        /** @description A slot of time. */
        ModelsBucket: {
            /** @description Those that answered anything in the slot. */
            by_model: {
                [key: string]: components["schemas"]["RequestCounts"];
            };
            /** @description When it begins (RFC 3339). */
            timestamp: string;
        };
        /** @description A model's share. */
        ModelShare: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /** @description The model that answered; null for requests that nobody answered. */
            model: string | null;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /** @description The provider, where all answers came from one. */
            provider: string | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description Figures over time, slots without any request included. */
        ModelsHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["ModelsBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /** @description Somebody with an id and a name. */
        Named: {
            /** @description What to filter by. */
            id: string;
            /** @description What to show: the name, or the id where nobody of that id is there any more. */
            name: string;
        };
        /** @description A secret that has to be given again where the document is used. */
        NeededSecret: {
            /** @description Where it stands in the document. */
            path: string;
            /** @description The variable that must hold it there. */
            variable: string;
        };
        /** @description How a provider is reached. */
        NetworkConfig: {
            /** @description Lets the provider be at a link-local or cloud metadata address. */
            allow_link_local?: boolean;
            /** @description Its address, with or without `/v1` at the end. Unset: the kind's public address. */
            base_url?: string | null;
            /**
             * @description Anthropic's features in trial (`anthropic-beta`), by how their names begin, that the provider has in spite of what is
             *     known of it (`true`), or has not (`false`).
             */
            beta_header_overrides?: {
                [key: string]: boolean;
            };
            /** @description Further certificate authorities, as PEM. */
            ca_cert_pem?: string | null;
            /**
             * Format: uint32
             * @description How long the head of a response may take, in seconds; 300 when unset or 0.
             */
            default_request_timeout_in_seconds?: number | null;
            /** @description Speaks HTTP/2 only. */
            enforce_http2?: boolean;
            /** @description Headers added to every request. */
            extra_headers?: {
                [key: string]: string;
            };
            /** @description Takes any certificate. For tests and broken appliances. */
            insecure_skip_verify?: boolean;
            /**
             * Format: uint32
             * @description Connections at the most, for each worker; 5000 when unset.
             */
            max_conns_per_host?: number | null;
            /**
             * Format: uint32
             * @description How often an attempt is repeated on the same key before another provider is tried.
             * @default 0
             */
            max_retries: number;
            /**
             * Format: uint32
             * @description The pause before the first repetition, in milliseconds; 500 when unset.
             */
            retry_backoff_initial?: number | null;
            /**
             * Format: uint32
             * @description The longest pause before a repetition, in milliseconds; 5000 when unset.
             */
            retry_backoff_max?: number | null;
            /**
             * Format: uint32
             * @description How long a stream may be silent, in seconds; 60 when unset.
             */
            stream_idle_timeout_in_seconds?: number | null;
        };
        /** @description How a provider is reached. */
        NetworkConfigInput: {
            /** @description Lets the provider be at a link-local or cloud metadata address. */
            allow_link_local?: boolean;
            /** @description Its address, with or without `/v1` at the end. Unset: the kind's public address. */
            base_url?: string | null;
            /**
             * @description Anthropic's features in trial (`anthropic-beta`), by how their names begin, that the provider has in spite of what is
             *     known of it (`true`), or has not (`false`).
             */
            beta_header_overrides?: {
                [key: string]: boolean;
            };
            /** @description Further certificate authorities, as PEM. */
            ca_cert_pem?: string | null;
            /**
             * Format: uint32
             * @description How long the head of a response may take, in seconds; 300 when unset or 0.
             */
            default_request_timeout_in_seconds?: number | null;
            /** @description Speaks HTTP/2 only. */
            enforce_http2?: boolean;
            /** @description Headers added to every request. */
            extra_headers?: {
                [key: string]: string;
            };
            /** @description Takes any certificate. For tests and broken appliances. */
            insecure_skip_verify?: boolean;
            /**
             * Format: uint32
             * @description Connections at the most, for each worker; 5000 when unset.
             */
            max_conns_per_host?: number | null;
            /**
             * Format: uint32
             * @description How often an attempt is repeated on the same key before another provider is tried.
             * @default 0
             */
            max_retries: number;
            /**
             * Format: uint32
             * @description The pause before the first repetition, in milliseconds; 500 when unset.
             */
            retry_backoff_initial?: number | null;
            /**
             * Format: uint32
             * @description The longest pause before a repetition, in milliseconds; 5000 when unset.
             */
            retry_backoff_max?: number | null;
            /**
             * Format: uint32
             * @description How long a stream may be silent, in seconds; 60 when unset.
             */
            stream_idle_timeout_in_seconds?: number | null;
        };
        /** @description A configured upstream. */
        NewProvider: {
            /** @description What it speaks, where its name is not that of a known provider. */
            custom_provider_config?: components["schemas"]["CustomProviderConfig"] | null;
            /** @description Whether calls may go to it. One that may not keeps its keys, and what is known of its models and its health. */
            enabled?: boolean | null;
            /** @description Its credentials. */
            keys?: components["schemas"]["ProviderKeyInput"][] | null;
            /** @description How it is reached. */
            network_config?: components["schemas"]["NetworkConfigInput"] | null;
            /** @description Whether its tokens cost what the catalogue says or nothing. Unset: nothing for self-hosted servers. */
            pricing?: components["schemas"]["Pricing"] | null;
            /** @description Prices in place of the catalogue's, for this provider. They win over those that governance has, and need no id. */
            pricing_overrides?: components["schemas"]["PricingOverrideInput"][] | null;
            /** @description Its name: that of a known kind, or one of your own beside `custom_provider_config`. */
            provider: string;
            /** @description The way out to it. */
            proxy_config?: components["schemas"]["ProxyConfigInput"] | null;
        };
        /** @description A provider that was no candidate. */
        NotAllowed: {
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
            /** @description Why it was none. */
            why: string;
        };
        /** @description A server that was noticed. */
        Offer: {
            /** @description Where it is. */
            base_url: string;
            /** @description What it is, by the name of `GET /api/providers/kinds`. */
            kind: string;
            /** @description The models that it lists. */
            models: string[];
            /** @description The name that the provider would have. */
            name: string;
        };
        /** @description Self-hosted servers that were noticed and not yet accepted. */
        OfferList: {
            /** @description They, by name. */
            offers: components["schemas"]["Offer"][];
            /**
             * Format: uint
             * @description How many there are.
             */
            total: number;
        };
        /** @description What happens to a stream whose client has left. */
        OnDisconnect: "cancel" | {
            finish: {
                /**
                 * Format: uint64
                 * @description The most tokens of output that are waited for.
                 */
                most_tokens: number;
            };
        };
        /** @description What a call wants done. */
        Operation: "chat" | "responses" | "completions" | "embeddings" | "rerank" | "moderations" | "image_generation" | "image_edit" | "image_variation" | "speech" | "transcription" | "translation" | "count_tokens" | "invoke" | "files" | "batches" | "passthrough" | "models";
        /** @description An order in time. */
        Order: "asc" | "desc";
        /** @description Whose fault an error is. */
        Origin: "client" | "gateway" | "upstream";
        /** @description The sums of what a full list leaves out. */
        Other: {
            /**
             * Format: uint
             * @description How many of them there are.
             */
            count: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description Their requests.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Their tokens.
             */
            total_tokens: number;
        };
        /** @description What is not in the lists because they are full; null where all is. */
        Others: {
            customers: components["schemas"]["Other"] | null;
            models: components["schemas"]["Other"] | null;
            providers: components["schemas"]["Other"] | null;
            teams: components["schemas"]["Other"] | null;
            virtual_keys: components["schemas"]["Other"] | null;
        };
        /** @description How the gateway is used. */
        Overview: {
            /**
             * Format: uint64
             * @description How long slots are. There are 30 to 180, fewer for less than half an hour and for short times more than two days ago.
             */
            bucket_size_seconds: number;
            /** @description By customer. */
            customers: components["schemas"]["CustomerShare"][];
            /**
             * Format: uint64
             * @description Log rows that could not be kept since the process began, and are in no figure.
             */
            dropped_rows: number;
            /** @description Self-hosted models and those of vendors side by side, as far as there are any; empty with a filter. */
            hosting: components["schemas"]["HostingShare"][];
            /** @description By model. */
            models: components["schemas"]["ModelShare"][];
            /** @description What is not in the lists because they are full. */
            others: components["schemas"]["Others"];
            /** @description The same of the time before, as long as this one has been so far. */
            previous: components["schemas"]["Figures"];
            /** @description By provider. */
            providers: components["schemas"]["ProviderShare"][];
            /** @description What self-hosted models saved; null where they answered nothing, or there is no price to compare with. */
            saved: components["schemas"]["Saved"] | null;
            /** @description By time, slots without any request included. */
            series: components["schemas"]["SeriesSlot"][];
            /** @description When it begins (RFC 3339): at the beginning of a slot. */
            since: string;
            /** @description By team. */
            teams: components["schemas"]["TeamShare"][];
            /** @description All of it together. */
            totals: components["schemas"]["Figures"];
            /** @description When it ends: at the end of the slot that has begun. */
            until: string;
            /** @description By virtual key. */
            virtual_keys: components["schemas"]["VirtualKeyShare"][];
        };
        /** @description A budget, and whose it is. */
        OwnedBudget: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned: boolean;
            /**
             * Format: double
             * @description Dollars that were spent in this window.
             */
            current_usage: number;
            customer_id?: components["schemas"]["CustomerId"] | null;
            /**
             * Format: double
             * @description Dollars that calls under way hold.
             */
            held: number;
            /** @description Its id in paths. */
            id: components["schemas"]["QuotaId"];
            /** @description When the window began, in RFC 3339. None: nothing was spent yet. */
            last_reset: string | null;
            /**
             * Format: double
             * @description Dollars. 0 means only what costs nothing.
             */
            max_limit: number;
            model_config_id?: string | null;
            model_name?: string | null;
            /** @description Whose it is. */
            owner: components["schemas"]["LimitOwner"];
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description The provider of a virtual key's entry. */
            provider_config?: components["schemas"]["ProviderName"] | null;
            /** @description How long a window lasts. */
            reset_duration: components["schemas"]["Span"];
            /** @description When it ends. None: it begins with the next use. */
            resets_at: string | null;
            team_id?: components["schemas"]["TeamId"] | null;
            virtual_key_id?: components["schemas"]["VirtualKeyId"] | null;
        };
        OwnedBudgetAnswer: {
            budget: components["schemas"]["OwnedBudget"];
            /** @description What was done, where something was */
            message?: string;
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        OwnedBudgetList: {
            budgets: components["schemas"]["OwnedBudget"][];
            /** @description How many there are */
            count: number;
        };
        /** @description A rate limit, and whose it is. */
        OwnedRateLimit: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned: boolean;
            /**
             * Format: int64
             * @description Requests under way.
             */
            current_in_flight?: number;
            customer_id?: components["schemas"]["CustomerId"] | null;
            /** @description Its id in paths. */
            id: string;
            /**
             * Format: uint64
             * @description Requests at the same time.
             */
            max_in_flight?: number;
            model_config_id?: string | null;
            model_name?: string | null;
            /** @description Whose it is. */
            owner: components["schemas"]["LimitOwner"];
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description The provider of a virtual key's entry. */
            provider_config?: components["schemas"]["ProviderName"] | null;
            /**
             * Format: uint64
             * @description How many requests may come at once; the others of a window are spread evenly over it.
             */
            request_burst?: number | null;
            /**
             * Format: int64
             * @description Requests in this window.
             */
            request_current_usage?: number;
            /** @description When the requests' window began, in RFC 3339. */
            request_last_reset?: string | null;
            /**
             * Format: uint64
             * @description Requests per window.
             */
            request_max_limit?: number;
            /** @description How long the requests' window lasts. */
            request_reset_duration?: components["schemas"]["Span"] | null;
            /** @description When it ends. */
            request_resets_at?: string | null;
            team_id?: components["schemas"]["TeamId"] | null;
            /**
             * Format: uint64
             * @description How many tokens may be taken at once; the others of a window are spread evenly over it.
             */
            token_burst?: number | null;
            /**
             * Format: int64
             * @description Tokens that were used in this window.
             */
            token_current_usage?: number;
            /**
             * Format: int64
             * @description Tokens that calls under way hold.
             */
            token_held?: number;
            /** @description When the tokens' window began, in RFC 3339. */
            token_last_reset?: string | null;
            /**
             * Format: uint64
             * @description Tokens per window.
             */
            token_max_limit?: number;
            /** @description How long the tokens' window lasts. */
            token_reset_duration?: components["schemas"]["Span"] | null;
            /** @description When it ends. */
            token_resets_at?: string | null;
            virtual_key_id?: components["schemas"]["VirtualKeyId"] | null;
        };
        OwnedRateLimitAnswer: {
            /** @description What was done, where something was */
            message?: string;
            rate_limit: components["schemas"]["OwnedRateLimit"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        OwnedRateLimitList: {
            /** @description How many there are */
            count: number;
            rate_limits: components["schemas"]["OwnedRateLimit"][];
        };
        /** @description What a virtual key may know of itself. */
        OwnQuota: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description What its customer has. */
            customer?: components["schemas"]["OwnQuotaOfParty"] | null;
            /** @description When it stops working, in RFC 3339. */
            expires_at: string | null;
            is_active: boolean;
            /** @description What it has for models. */
            model_configs: components["schemas"]["ModelLimit"][];
            /** @description What it has at providers. */
            provider_configs: components["schemas"]["OwnQuotaAtProvider"][];
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /** @description What its team has. */
            team?: components["schemas"]["OwnQuotaOfParty"] | null;
            virtual_key_name: string;
        };
        /** @description The budgets and the rate limit of an owner. */
        OwnQuotaAtProvider: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            provider: components["schemas"]["ProviderName"];
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
        };
        /** @description The budgets and the rate limit of an owner. */
        OwnQuotaOfParty: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            name: string;
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
        };
        /** @description Somebody by id and name. */
        Party: {
            /** @description The id. */
            id: string;
            /** @description The name to show. */
            name: string;
        };
        /** @description A place that a call is sent to. What is not said stays as it was asked for. */
        Place: {
            /** @description The provider's key. */
            key_id?: components["schemas"]["KeyId"] | null;
            /** @description The model. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description The provider. */
            provider?: components["schemas"]["ProviderName"] | null;
        };
        /** @description A candidate, and why it stands where it stands. */
        PlannedCandidate: {
            /** @description What would be tried. */
            deployment: components["schemas"]["PlannedDeployment"];
            /**
             * Format: uint32
             * @description The group that it comes from: 0 the asked model, then the request's own fallbacks.
             */
            group: number;
            /** @description How it stood, where anything was known of it. */
            health?: components["schemas"]["Standing"] | null;
            /**
             * @description Whether it comes only when nothing else is left.
             * @default false
             */
            last_resort: boolean;
            /**
             * Format: uint32
             * @description Its place, from 1; none where it is left out.
             */
            place?: number | null;
            /** @description Why it stands there. */
            reason: components["schemas"]["PlanReason"];
            /**
             * Format: double
             * @description What the strategy ranked its provider by: less is earlier.
             */
            score?: number | null;
            /**
             * Format: double
             * @description The weight of its entry.
             */
            weight?: number | null;
        };
        /** @description A place that can serve a model. */
        PlannedDeployment: {
            /** @description The credential of it. */
            key: components["schemas"]["KeyId"];
            /** @description The model as the upstream calls it. */
            model: components["schemas"]["ModelName"];
            /** @description The configured upstream. */
            provider: components["schemas"]["ProviderName"];
        };
        /** @description A [`Reason`] as it is written down: the code, the words, and the figures that the words speak of. */
        PlanReason: {
            /**
             * @description The code for it.
             * @default
             */
            code: string;
            /**
             * Format: uint64
             * @description The most input that it takes, in tokens.
             */
            context?: number | null;
            /**
             * Format: double
             * @description The expected time to the first byte.
             */
            expected_ms?: number | null;
            /**
             * Format: uint32
             * @description Calls in flight there.
             */
            in_flight?: number | null;
            /**
             * Format: uint64
             * @description The estimated input, in tokens.
             */
            input?: number | null;
            /**
             * Format: uint32
             * @description The calls that it should have at most.
             */
            most?: number | null;
            /**
             * Format: uint64
             * @description Its rank by cost.
             */
            rank?: number | null;
            /**
             * Format: uint64
             * @description When it was to be asked again.
             */
            ready_in_ms?: number | null;
            /**
             * Format: double
             * @description Its part of the weights above 0, from 0 to 1.
             */
            share?: number | null;
            /**
             * @description The words for it.
             * @default
             */
            words: string;
        };
        /** @description A value that a virtual key had before its rotation. */
        PreviousValue: {
            /** @description Until when it works, as RFC 3339. */
            until: string;
            /** @description Its keyed hash, in hex. */
            value_hash: string;
        };
        /** @description The price for longer prompts. */
        PriceAbove: {
            /** @description Dollars per million tokens, by class. */
            per_million_tokens: {
                [key: string]: number;
            };
            /**
             * Format: uint64
             * @description Holds for prompts of more tokens than that.
             */
            tokens: number;
        };
        /** @description A price of the catalogue that holds for a time. */
        PriceChange: {
            /** @description From when on, in RFC 3339. */
            from: string | null;
            /** @description Dollars per million tokens, by class; nothing where it is not known. */
            per_million_tokens: {
                [key: string]: number;
            } | null;
            /** @description Until when, not included. */
            until: string | null;
        };
        /** @description Where a price is from. */
        PricedBy: "catalogue" | {
            override: string;
        } | "unknown" | "provider";
        /** @description A page of prices. */
        PriceList: {
            /** @description Where prices are from. */
            catalogue: components["schemas"]["Catalogue"];
            /**
             * Format: uint
             * @description How many are on this page.
             */
            count: number;
            /**
             * Format: uint
             * @description The most that a page was to hold.
             */
            limit: number;
            /**
             * Format: uint
             * @description How many were skipped before.
             */
            offset: number;
            /** @description The page. */
            prices: components["schemas"]["ModelPrice"][];
            /**
             * Format: uint
             * @description How many there are in all.
             */
            total_count: number;
        };
        /** @description A price as it is, and as an override would make it. */
        PricePreview: {
            /** @description As it is. */
            now: components["schemas"]["ModelPrice"];
            /** @description As it would be. */
            then: components["schemas"]["ModelPrice"];
        };
        /** @description A model, and an override that might be saved. */
        PricePreviewRequest: {
            /** @description The model. */
            model: string;
            /** @description The override; one of the same id is thought to be replaced. */
            override: components["schemas"]["PricingOverrideChange"];
            /** @description The provider. */
            provider: string;
        };
        /** @description Whether a price is known. */
        PriceStatus: "free" | "known" | "unknown";
        /** @description Whether tokens cost anything. */
        Pricing: "free" | "catalogue";
        /** @description How a document is shown that needs nothing beside what is said of it. */
        PricingOverride: {
            /** @description Per token of the prompt that the provider's cache keeps for its usual time. */
            cache_creation_input_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache keeps for an hour. */
            cache_creation_input_token_cost_above_1hr?: number;
            /** @description The same, of audio. */
            cache_read_input_audio_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache served. */
            cache_read_input_token_cost?: number;
            /** @description From when on it holds: a day, or a time in RFC 3339. Unset: always. */
            effective_from?: string | null;
            /** @description Until when it holds, not included. Unset: for ever. */
            effective_until?: string | null;
            /** @description Its id in paths and ledger entries. One in a provider's own list needs none. */
            id?: string;
            /** @description Per token of audio in the prompt. */
            input_cost_per_audio_token?: number;
            /** @description Per character that is to be spoken. */
            input_cost_per_character?: number;
            /** @description Per token of pictures in the prompt. */
            input_cost_per_image_token?: number;
            /** @description Per search, as rerankers count them. */
            input_cost_per_query?: number;
            /** @description Per request, beside its tokens. */
            input_cost_per_request?: number;
            /** @description Per second of sound that is heard. */
            input_cost_per_second?: number;
            /** @description Per token of the prompt. */
            input_cost_per_token?: number;
            /**
             * @description How the pattern is read.
             * @default exact
             */
            match_type: components["schemas"]["Match"];
            /** @description The models it is for. */
            model_pattern: string;
            /** @description A name to show. */
            name?: string | null;
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description Per token of audio in the answer. */
            output_cost_per_audio_token?: number;
            /** @description Per picture that is made. */
            output_cost_per_image?: number;
            /** @description Per token of pictures in the answer. */
            output_cost_per_image_token?: number;
            /** @description Per token of reasoning. */
            output_cost_per_reasoning_token?: number;
            /** @description Per token of the answer. */
            output_cost_per_token?: number;
            /** @description The provider it holds at. Unset: at every provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description The requests it is for (`chat_completion`, `embedding`, …; streamed or not). Unset: all. */
            request_types?: string[];
            /** @description What is there and does not work (yet). */
            warnings?: string[];
        };
        PricingOverrideAnswer: {
            /** @description What was done, where something was */
            message?: string;
            pricing_override: components["schemas"]["PricingOverride"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A price in place of the catalogue's, or of a model that the catalogue lacks. It replaces the price as a whole. */
        PricingOverrideChange: {
            /** @description Per token of the prompt that the provider's cache keeps for its usual time. */
            cache_creation_input_token_cost?: number | null;
            /** @description Per token of the prompt that the provider's cache keeps for an hour. */
            cache_creation_input_token_cost_above_1hr?: number | null;
            /** @description The same, of audio. */
            cache_read_input_audio_token_cost?: number | null;
            /** @description Per token of the prompt that the provider's cache served. */
            cache_read_input_token_cost?: number | null;
            /** @description From when on it holds: a day, or a time in RFC 3339. Unset: always. */
            effective_from?: string | null;
            /** @description Until when it holds, not included. Unset: for ever. */
            effective_until?: string | null;
            /** @description Its id in paths and ledger entries. One in a provider's own list needs none. */
            id?: string | null;
            /** @description Per token of audio in the prompt. */
            input_cost_per_audio_token?: number | null;
            /** @description Per character that is to be spoken. */
            input_cost_per_character?: number | null;
            /** @description Per token of pictures in the prompt. */
            input_cost_per_image_token?: number | null;
            /** @description Per search, as rerankers count them. */
            input_cost_per_query?: number | null;
            /** @description Per request, beside its tokens. */
            input_cost_per_request?: number | null;
            /** @description Per second of sound that is heard. */
            input_cost_per_second?: number | null;
            /** @description Per token of the prompt. */
            input_cost_per_token?: number | null;
            /** @description How the pattern is read. */
            match_type?: components["schemas"]["Match"] | null;
            /** @description The models it is for. */
            model_pattern?: string | null;
            /** @description A name to show. */
            name?: string | null;
            /** @description Per token of audio in the answer. */
            output_cost_per_audio_token?: number | null;
            /** @description Per picture that is made. */
            output_cost_per_image?: number | null;
            /** @description Per token of pictures in the answer. */
            output_cost_per_image_token?: number | null;
            /** @description Per token of reasoning. */
            output_cost_per_reasoning_token?: number | null;
            /** @description Per token of the answer. */
            output_cost_per_token?: number | null;
            /** @description The provider it holds at. Unset: at every provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description The requests it is for (`chat_completion`, `embedding`, …; streamed or not). Unset: all. */
            request_types?: string[] | null;
        };
        /** @description A price in place of the catalogue's, or of a model that the catalogue lacks. It replaces the price as a whole. */
        PricingOverrideInput: {
            /** @description Per token of the prompt that the provider's cache keeps for its usual time. */
            cache_creation_input_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache keeps for an hour. */
            cache_creation_input_token_cost_above_1hr?: number;
            /** @description The same, of audio. */
            cache_read_input_audio_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache served. */
            cache_read_input_token_cost?: number;
            /** @description From when on it holds: a day, or a time in RFC 3339. Unset: always. */
            effective_from?: string | null;
            /** @description Until when it holds, not included. Unset: for ever. */
            effective_until?: string | null;
            /** @description Its id in paths and ledger entries. One in a provider's own list needs none. */
            id?: string;
            /** @description Per token of audio in the prompt. */
            input_cost_per_audio_token?: number;
            /** @description Per character that is to be spoken. */
            input_cost_per_character?: number;
            /** @description Per token of pictures in the prompt. */
            input_cost_per_image_token?: number;
            /** @description Per search, as rerankers count them. */
            input_cost_per_query?: number;
            /** @description Per request, beside its tokens. */
            input_cost_per_request?: number;
            /** @description Per second of sound that is heard. */
            input_cost_per_second?: number;
            /** @description Per token of the prompt. */
            input_cost_per_token?: number;
            /**
             * @description How the pattern is read.
             * @default exact
             */
            match_type: components["schemas"]["Match"];
            /** @description The models it is for. */
            model_pattern: string;
            /** @description A name to show. */
            name?: string | null;
            /** @description Per token of audio in the answer. */
            output_cost_per_audio_token?: number;
            /** @description Per picture that is made. */
            output_cost_per_image?: number;
            /** @description Per token of pictures in the answer. */
            output_cost_per_image_token?: number;
            /** @description Per token of reasoning. */
            output_cost_per_reasoning_token?: number;
            /** @description Per token of the answer. */
            output_cost_per_token?: number;
            /** @description The provider it holds at. Unset: at every provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description The requests it is for (`chat_completion`, `embedding`, …; streamed or not). Unset: all. */
            request_types?: string[];
        };
        PricingOverrideList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            pricing_overrides: components["schemas"]["PricingOverride"][];
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description An error of the management API */
        Problem: {
            error: {
                /** @description What is wrong, and what would be right */
                message: string;
            };
            extra_fields: Record<string, never>;
            is_bifrost_error: boolean;
            /** @description The HTTP status once more */
            status_code: number;
        };
        /** @description Parts of the prompt, which `prompt_tokens` has as well. */
        PromptTokens: {
            /** Format: uint64 */
            audio_tokens: number;
            /**
             * Format: uint64
             * @description Written to the provider's cache.
             */
            cache_write_tokens: number;
            /**
             * Format: uint64
             * @description Read from the provider's cache.
             */
            cached_tokens: number;
            /** Format: uint64 */
            image_tokens: number;
        };
        /** @description A configured provider. */
        Provider: {
            /** @description What it speaks, where its name is not that of a known provider. */
            custom_provider_config?: components["schemas"]["CustomProviderConfig"] | null;
            /** @description What is known of its models. */
            discovery: components["schemas"]["Discovery"];
            /** @description Whether calls may go to it. */
            enabled: boolean;
            /** @description Its credentials, redacted. */
            keys: components["schemas"]["ProviderKey"][];
            /** @description What it is, by the name of `GET /api/providers/kinds`; with `-compatible` for a server that speaks like it. */
            kind: string;
            /** @description Its name. */
            name: components["schemas"]["ProviderName"];
            /** @description How it is reached. `base_url` is the one in force, the operator's or the kind's own. */
            network_config: components["schemas"]["NetworkConfig"];
            /** @description Where it is from: `api`, `environment`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description Whether its tokens cost what the catalogue says or nothing, where that is set. */
            pricing?: components["schemas"]["Pricing"] | null;
            /** @description Prices in place of the catalogue's, for this provider. */
            pricing_overrides?: components["schemas"]["ProviderPrice"][];
            /** @description Whether it can be used. */
            provider_status: components["schemas"]["ProviderStatus"];
            /** @description The way out to it. */
            proxy_config?: components["schemas"]["ProxyConfig"] | null;
            /** @description Whether its models run on machines of one's own. */
            self_hosted: boolean;
            /** @description Why it cannot, in words. */
            status?: string | null;
            /** @description What was sent and does not act, or not yet. */
            warnings?: string[];
        };
        /** @description A configured upstream. */
        ProviderChange: {
            /** @description What it speaks, where its name is not that of a known provider. */
            custom_provider_config?: components["schemas"]["CustomProviderConfig"] | null;
            /** @description Whether calls may go to it. One that may not keeps its keys, and what is known of its models and its health. */
            enabled?: boolean | null;
            /** @description Its credentials. */
            keys?: components["schemas"]["ProviderKeyInput"][] | null;
            /** @description How it is reached. */
            network_config?: components["schemas"]["NetworkConfigInput"] | null;
            /** @description Whether its tokens cost what the catalogue says or nothing. Unset: nothing for self-hosted servers. */
            pricing?: components["schemas"]["Pricing"] | null;
            /** @description Prices in place of the catalogue's, for this provider. They win over those that governance has, and need no id. */
            pricing_overrides?: components["schemas"]["PricingOverrideInput"][] | null;
            /** @description The way out to it. */
            proxy_config?: components["schemas"]["ProxyConfigInput"] | null;
        };
        /** @description What a virtual key allows at one provider. */
        ProviderConfig: {
            /** @description The models it allows, `*` being a wildcard. None: whatever the provider serves. */
            allowed_models?: string[];
            /** @description Models that it does not allow, whatever else is said, `*` being a wildcard. */
            blacklisted_models?: string[];
            /** @description What may be spent here. */
            budgets?: components["schemas"]["BudgetInput"][];
            /** @description The provider's keys that may be used, by id or name. None: all. */
            key_ids?: components["schemas"]["KeyId"][];
            /** @description Names that clients ask for, and what is served for them; `*` stands for any name this entry does not serve. */
            model_aliases?: {
                [key: string]: components["schemas"]["ModelName"];
            };
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
            /** @description How often this may be called, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
            /**
             * Format: double
             * @description Its share among the entries that serve the same model. They need not sum to 1; 0 means only as a fallback.
             * @default 1
             */
            weight: number;
        };
        /** @description That a provider is gone. */
        ProviderDeleted: {
            /** @description The same in a sentence. */
            message: string;
            /** @description Which. */
            name: components["schemas"]["ProviderName"];
        };
        /** @description What a virtual key allows at one provider. */
        ProviderEntry: {
            /** @description The models it allows, `*` being a wildcard. None: whatever the provider serves. */
            allowed_models: string[];
            /** @description Models that it does not allow, whatever else is said. */
            blacklisted_models: string[];
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description The provider's keys that may be used. None: all. */
            key_ids: components["schemas"]["KeyId"][];
            /** @description Names that clients ask for, and what is served for them; `*` stands for any name this entry does not serve. */
            model_aliases: {
                [key: string]: components["schemas"]["ModelName"];
            };
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /**
             * Format: double
             * @description Its share among the entries that serve the same model; 0 means only as a fallback.
             */
            weight: number;
        };
        /** @description A credential of a provider, redacted. */
        ProviderKey: {
            /** @description What the upstream calls a model that is asked for by another name. */
            aliases?: {
                [key: string]: string;
            };
            /** @description Its resource, for Azure. */
            azure_key_config?: components["schemas"]["AzureKey"] | null;
            /** @description Its account and region, for Bedrock. */
            bedrock_key_config?: components["schemas"]["BedrockKey"] | null;
            /** @description What is known of the models that it opens. */
            discovery: components["schemas"]["Discovery"];
            /**
             * @description Whether it may be used.
             * @default true
             */
            enabled: boolean;
            /** @description Its id. */
            id: components["schemas"]["KeyId"];
            /** @description The models it may be used for. None: all. */
            models: string[];
            /** @description Its name. */
            name: string;
            /** @description Its server, for Ollama. */
            ollama_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description Its server, for SGLang. */
            sgl_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description `ready`, or what keeps it from being used. */
            status: string;
            /** @description Whether it can be used. */
            usable: boolean;
            /**
             * @description The credential, or `env.NAME`. Never shown again.
             * @default
             */
            value: components["schemas"]["KeyValue"];
            /** @description Its project, for Vertex AI. */
            vertex_key_config?: components["schemas"]["VertexKey"] | null;
            /** @description Its server, for vLLM. */
            vllm_key_config?: components["schemas"]["VllmKey"] | null;
            /** @description What was sent and does not act, or not yet. */
            warnings?: string[];
            /**
             * Format: double
             * @description Its share among the provider's keys.
             * @default 1
             */
            weight: number;
        };
        /** @description A credential of a provider. */
        ProviderKeyChange: {
            /** @description What the upstream calls a model that is asked for by another name. */
            aliases?: {
                [key: string]: string;
            } | null;
            /** @description Its resource, for Azure. */
            azure_key_config?: components["schemas"]["AzureKey"] | null;
            /** @description Its account and region, for Bedrock. */
            bedrock_key_config?: components["schemas"]["BedrockKey"] | null;
            /** @description Whether it may be used. */
            enabled?: boolean | null;
            /** @description Its id; the name unless given. */
            id?: components["schemas"]["KeyId"] | null;
            /** @description The models it may be used for. None: all. */
            models?: string[] | null;
            /** @description Its name. */
            name?: string | null;
            /** @description Its server, for Ollama. */
            ollama_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description Its server, for SGLang. */
            sgl_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description The credential, or `env.NAME`. Never shown again. */
            value?: components["schemas"]["KeyValue"] | null;
            /** @description Its project, for Vertex AI. */
            vertex_key_config?: components["schemas"]["VertexKey"] | null;
            /** @description Its server, for vLLM. */
            vllm_key_config?: components["schemas"]["VllmKey"] | null;
            /**
             * Format: double
             * @description Its share among the provider's keys.
             */
            weight?: number | null;
        };
        /** @description A credential of a provider. */
        ProviderKeyInput: {
            /** @description What the upstream calls a model that is asked for by another name. */
            aliases?: {
                [key: string]: string;
            };
            /** @description Its resource, for Azure. */
            azure_key_config?: components["schemas"]["AzureKey"] | null;
            /** @description Its account and region, for Bedrock. */
            bedrock_key_config?: components["schemas"]["BedrockKey"] | null;
            /**
             * @description Whether it may be used.
             * @default true
             */
            enabled: boolean;
            /** @description Its id; the name unless given. */
            id?: components["schemas"]["KeyId"] | null;
            /** @description The models it may be used for. None: all. */
            models?: string[];
            /** @description Its name. */
            name: string;
            /** @description Its server, for Ollama. */
            ollama_key_config?: components["schemas"]["ServerKey"] | null;
            /** @description Its server, for SGLang. */
            sgl_key_config?: components["schemas"]["ServerKey"] | null;
            /**
             * @description The credential, or `env.NAME`. Never shown again.
             * @default
             */
            value: components["schemas"]["KeyValue"];
            /** @description Its project, for Vertex AI. */
            vertex_key_config?: components["schemas"]["VertexKey"] | null;
            /** @description Its server, for vLLM. */
            vllm_key_config?: components["schemas"]["VllmKey"] | null;
            /**
             * Format: double
             * @description Its share among the provider's keys.
             * @default 1
             */
            weight: number;
        };
        /** @description The keys of one provider. */
        ProviderKeyList: {
            /** @description They, in the operator's order. */
            keys: components["schemas"]["ProviderKey"][];
            /**
             * Format: uint
             * @description How many there are.
             */
            total: number;
        };
        /** @description A kind of provider. */
        ProviderKind: {
            /** @description Its address, where it has one of its own. A server of one's own may be elsewhere. */
            base_url: string | null;
            /** @description What a key can be told besides its value. */
            key_fields: components["schemas"]["KeyField"][];
            /** @description Its name in settings. */
            name: string;
            /** @description Whether it must be said where it is. */
            needs_base_url: boolean;
            /** @description Whether a key must have a value. Keys in a cloud may have other credentials, or what the surroundings have. */
            needs_value: boolean;
            /** @description What it can do. */
            operations: components["schemas"]["Operation"][];
            /** @description How the key's value is presented: `Authorization: Bearer …`, or a header of that name. */
            presented_as: string;
            /** @description Whether an operator runs it on machines of their own; its tokens cost nothing then. */
            self_hosted: boolean;
            /** @description The dialects that it speaks. */
            speaks: string[];
            /** @description The name that people know it by. */
            title: string;
            /** @description The variable that its credential is usually in; a provider is there at once where it is set. */
            variable: string | null;
            /** @description Whether that is set in the gateway's environment. */
            variable_is_set: boolean;
        };
        /** @description What may be spent at a provider, whoever calls. */
        ProviderLimits: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description The provider. */
            name: components["schemas"]["ProviderName"];
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description The same once more, as the reference calls it. */
            provider: components["schemas"]["ProviderName"];
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /** @description What does not act (yet). */
            warnings?: string[];
        };
        ProviderLimitsAnswer: {
            /** @description What was done, where something was */
            message?: string;
            provider: components["schemas"]["ProviderLimits"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description What may be spent at a provider, whoever calls. */
        ProviderLimitsChange: {
            /** @description Instead of `budgets`: the first of them, of which what is not said stays; `{}` or null removes all. */
            budget?: components["schemas"]["BudgetInput"] | Record<string, never> | null;
            /** @description What may be spent. */
            budgets?: components["schemas"]["BudgetInput"][] | null;
            /** @description For every budget and the rate limit that do not say otherwise. */
            calendar_aligned?: boolean | null;
            /** @description The provider. */
            name?: components["schemas"]["ProviderName"] | null;
            /** @description How often may be called, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
        };
        ProviderLimitsList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            providers: components["schemas"]["ProviderLimits"][];
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description All providers. */
        ProviderList: {
            /** @description They, in the order of their names. */
            providers: components["schemas"]["Provider"][];
            /**
             * Format: uint
             * @description How many there are.
             */
            total: number;
        };
        /** @description A configured upstream, as the operator called it. */
        ProviderName: string;
        /** @description A price that one provider has of its own. */
        ProviderPrice: {
            /** @description Per token of the prompt that the provider's cache keeps for its usual time. */
            cache_creation_input_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache keeps for an hour. */
            cache_creation_input_token_cost_above_1hr?: number;
            /** @description The same, of audio. */
            cache_read_input_audio_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache served. */
            cache_read_input_token_cost?: number;
            /** @description From when on it holds: a day, or a time in RFC 3339. Unset: always. */
            effective_from?: string | null;
            /** @description Until when it holds, not included. Unset: for ever. */
            effective_until?: string | null;
            /** @description Its id in paths and ledger entries. One in a provider's own list needs none. */
            id?: string;
            /** @description Per token of audio in the prompt. */
            input_cost_per_audio_token?: number;
            /** @description Per character that is to be spoken. */
            input_cost_per_character?: number;
            /** @description Per token of pictures in the prompt. */
            input_cost_per_image_token?: number;
            /** @description Per search, as rerankers count them. */
            input_cost_per_query?: number;
            /** @description Per request, beside its tokens. */
            input_cost_per_request?: number;
            /** @description Per second of sound that is heard. */
            input_cost_per_second?: number;
            /** @description Per token of the prompt. */
            input_cost_per_token?: number;
            /**
             * @description How the pattern is read.
             * @default exact
             */
            match_type: components["schemas"]["Match"];
            /** @description The models it is for. */
            model_pattern: string;
            /** @description A name to show. */
            name?: string | null;
            /** @description Per token of audio in the answer. */
            output_cost_per_audio_token?: number;
            /** @description Per picture that is made. */
            output_cost_per_image?: number;
            /** @description Per token of pictures in the answer. */
            output_cost_per_image_token?: number;
            /** @description Per token of reasoning. */
            output_cost_per_reasoning_token?: number;
            /** @description Per token of the answer. */
            output_cost_per_token?: number;
            /** @description The provider it holds at. Unset: at every provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /** @description The requests it is for (`chat_completion`, `embedding`, …; streamed or not). Unset: all. */
            request_types?: string[];
        };
        /** @description A provider's share. */
        ProviderShare: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /** @description Where its models run; null where that is not known. */
            hosting: components["schemas"]["Hosting"] | null;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /** @description The provider; null for requests that nobody answered. */
            provider: string | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description Whether a provider can be used. */
        ProviderStatus: "active" | "error" | "disabled";
        /** @description What came of a test. */
        ProviderTest: {
            /**
             * Format: double
             * @description What it cost, in dollars.
             */
            cost: number | null;
            /** @description What went wrong. */
            error: components["schemas"]["ProviderTestFailure"] | null;
            /**
             * Format: uint64
             * @description Tokens that went in.
             */
            input_tokens: number | null;
            /**
             * Format: double
             * @description How long all of it took, in milliseconds.
             */
            latency_ms: number;
            /** @description The model that was asked. */
            model: components["schemas"]["ModelName"] | null;
            /** @description Whether the provider answered as it should. */
            ok: boolean;
            /** @description What was asked of it: chat, embeddings, rerank; or only its list of models, where it does nothing cheaper. */
            operation: components["schemas"]["Operation"];
            /**
             * Format: uint64
             * @description Tokens that came out.
             */
            output_tokens: number | null;
            /** @description Where the call stands in the log. */
            request_id: string | null;
            /** @description The first words of the answer, or what came instead. */
            said: string | null;
            /**
             * Format: uint16
             * @description The status of the answer; nothing for a list of models.
             */
            status: number | null;
            /**
             * Format: double
             * @description How long the provider took to answer, in milliseconds.
             */
            upstream_ms: number | null;
        };
        /** @description What went wrong with a test. */
        ProviderTestFailure: {
            /** @description What to do about it. */
            advice: string;
            /** @description Its code. */
            code: string | null;
            /** @description What the provider, or the gateway, said. */
            message: string;
        };
        /** @description What is to be tried. */
        ProviderTestRequest: {
            /** @description The id of the key. Unset: whichever would be used. */
            key?: string | null;
            /** @description What to say to it. */
            message?: string | null;
            /** @description The model. Unset: the cheapest that is known. */
            model?: string | null;
        };
        /** @description Who counts on a provider, and would notice if it were gone. */
        ProviderUses: {
            /** @description Whether it has limits of its own. */
            has_limits: boolean;
            /** @description Limits of models at this provider. */
            model_configs: components["schemas"]["Use"][];
            /** @description Prices that hold at this provider. */
            pricing_overrides: components["schemas"]["Use"][];
            /** @description Routing rules that send calls there. */
            routing_rules: components["schemas"]["Use"][];
            /**
             * Format: uint
             * @description How many virtual keys list no provider and may use all of them.
             */
            unrestricted_keys: number;
            /** @description Virtual keys that list it. */
            virtual_keys: components["schemas"]["KeyUse"][];
        };
        /** @description The way out to a provider. */
        ProxyConfig: {
            /** @description Further certificate authorities behind the proxy, as PEM. */
            ca_cert_pem?: string | null;
            /** @description The password, where it asks for one; may be `env.NAME`. */
            password?: components["schemas"]["KeyValue"] | null;
            /**
             * @description What kind of way.
             * @default none
             */
            type: components["schemas"]["ProxyKind"];
            /** @description The proxy's address, `http://host:port` or `socks5://host:port`. */
            url?: string | null;
            /** @description The user, where it asks for one. */
            username?: string | null;
        };
        /** @description The way out to a provider. */
        ProxyConfigInput: {
            /** @description Further certificate authorities behind the proxy, as PEM. */
            ca_cert_pem?: string | null;
            /** @description The password, where it asks for one; may be `env.NAME`. */
            password?: components["schemas"]["KeyValue"] | null;
            /**
             * @description What kind of way.
             * @default none
             */
            type: components["schemas"]["ProxyKind"];
            /** @description The proxy's address, `http://host:port` or `socks5://host:port`. */
            url?: string | null;
            /** @description The user, where it asks for one. */
            username?: string | null;
        };
        /** @description Kinds of ways out. */
        ProxyKind: "none" | "http" | "socks5" | "environment";
        /** @description One quota: a budget or a rate limit of one owner. */
        QuotaId: string;
        /** @description What is counted. */
        QuotaUnit: "nano_usd" | "requests" | "tokens" | "in_flight";
        /** @description A model of a provider. */
        Ranking: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /** @description The model. */
            model: string;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /** @description The provider. */
            provider: string;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
            /** @description How that changed since the time before, which was as long. */
            trend: components["schemas"]["Trend"];
        };
        /** @description Models that rank first. */
        Rankings: {
            /** @description At most 100. */
            rankings: components["schemas"]["Ranking"][];
        };
        /** @description A rate limit with its use. What is not limited is not there. */
        RateLimit: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned: boolean;
            /**
             * Format: int64
             * @description Requests under way.
             */
            current_in_flight?: number;
            /** @description Its id in paths. */
            id: string;
            /**
             * Format: uint64
             * @description Requests at the same time.
             */
            max_in_flight?: number;
            /**
             * Format: uint64
             * @description How many requests may come at once; the others of a window are spread evenly over it.
             */
            request_burst?: number | null;
            /**
             * Format: int64
             * @description Requests in this window.
             */
            request_current_usage?: number;
            /** @description When the requests' window began, in RFC 3339. */
            request_last_reset?: string | null;
            /**
             * Format: uint64
             * @description Requests per window.
             */
            request_max_limit?: number;
            /** @description How long the requests' window lasts. */
            request_reset_duration?: components["schemas"]["Span"] | null;
            /** @description When it ends. */
            request_resets_at?: string | null;
            /**
             * Format: uint64
             * @description How many tokens may be taken at once; the others of a window are spread evenly over it.
             */
            token_burst?: number | null;
            /**
             * Format: int64
             * @description Tokens that were used in this window.
             */
            token_current_usage?: number;
            /**
             * Format: int64
             * @description Tokens that calls under way hold.
             */
            token_held?: number;
            /** @description When the tokens' window began, in RFC 3339. */
            token_last_reset?: string | null;
            /**
             * Format: uint64
             * @description Tokens per window.
             */
            token_max_limit?: number;
            /** @description How long the tokens' window lasts. */
            token_reset_duration?: components["schemas"]["Span"] | null;
            /** @description When it ends. */
            token_resets_at?: string | null;
        };
        /** @description Requests and tokens over windows. */
        RateLimitChange: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned?: boolean | null;
            /**
             * Format: uint64
             * @description Requests at the same time.
             */
            max_in_flight?: number | null;
            /**
             * Format: uint64
             * @description How many requests may come at once; the others of a window are spread evenly over it. Unset: all at once.
             */
            request_burst?: number | null;
            /**
             * Format: uint64
             * @description Requests per window.
             */
            request_max_limit?: number | null;
            /** @description How long the requests' window lasts. */
            request_reset_duration?: components["schemas"]["Span"] | null;
            /**
             * Format: uint64
             * @description How many tokens may be taken at once; the others of a window are spread evenly over it. Unset: all at once.
             */
            token_burst?: number | null;
            /**
             * Format: uint64
             * @description Tokens per window.
             */
            token_max_limit?: number | null;
            /** @description How long the tokens' window lasts. */
            token_reset_duration?: components["schemas"]["Span"] | null;
        };
        /** @description Requests and tokens over windows. */
        RateLimitInput: {
            /** @description Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use. */
            calendar_aligned?: boolean;
            /**
             * Format: uint64
             * @description Requests at the same time.
             */
            max_in_flight?: number | null;
            /**
             * Format: uint64
             * @description How many requests may come at once; the others of a window are spread evenly over it. Unset: all at once.
             */
            request_burst?: number | null;
            /**
             * Format: uint64
             * @description Requests per window.
             */
            request_max_limit?: number | null;
            /** @description How long the requests' window lasts. */
            request_reset_duration?: components["schemas"]["Span"] | null;
            /**
             * Format: uint64
             * @description How many tokens may be taken at once; the others of a window are spread evenly over it. Unset: all at once.
             */
            token_burst?: number | null;
            /**
             * Format: uint64
             * @description Tokens per window.
             */
            token_max_limit?: number | null;
            /** @description How long the tokens' window lasts. */
            token_reset_duration?: components["schemas"]["Span"] | null;
        };
        /** @description How many, and how they ended. */
        RequestCounts: {
            /**
             * Format: uint64
             * @description Those that did not.
             */
            error: number;
            /**
             * Format: uint64
             * @description Those that succeeded.
             */
            success: number;
            /**
             * Format: uint64
             * @description All.
             */
            total: number;
        };
        /** @description A slot of time. */
        RequestsBucket: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            count: number;
            /**
             * Format: uint64
             * @description How many did not.
             */
            error: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            success: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /** @description When it begins (RFC 3339). */
            timestamp: string;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description Figures over time, slots without any request included. */
        RequestsHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["RequestsBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /**
         * Format: uint64
         * @description A numbered state of the settings; each change makes the next.
         */
        Revision: number;
        /** @description A page of revisions, newest first. */
        RevisionList: {
            /**
             * Format: uint64
             * @description What to give as `before` for the page that follows; null after the last.
             */
            next: number | null;
            /** @description The page. */
            revisions: components["schemas"]["RevisionWithEditName"][];
        };
        /** @description A change of the settings. */
        RevisionWithEdit: {
            /** @description By whom. */
            author: string;
            /** @description The documents that it changed. */
            edits: components["schemas"]["Edit"][];
            /**
             * Format: uint64
             * @description Its number, from 1 without gaps.
             */
            revision: number;
            /** @description When, in RFC 3339. */
            timestamp: string;
        };
        /** @description A change of the settings. */
        RevisionWithEditName: {
            /** @description By whom. */
            author: string;
            /** @description The documents that it changed. */
            edits: components["schemas"]["EditName"][];
            /**
             * Format: uint64
             * @description Its number, from 1 without gaps.
             */
            revision: number;
            /** @description When, in RFC 3339. */
            timestamp: string;
        };
        /** @description What somebody may do. Each role may do what those before it may. */
        Role: "viewer" | "operator" | "admin";
        /** @description How a virtual key gets a new value. */
        Rotation: {
            /** @description How long the old value works on. */
            grace?: components["schemas"]["Span"] | null;
            /** @description The new value. None: one is made. */
            value?: string | null;
        };
        /** @description What rules made of a call, for its log row and for `explain`. */
        Routing: {
            /** @description What the rules that were asked use of the call. */
            facts: components["schemas"]["Facts"];
            /** @description The rule that fits, if one does. */
            rule: components["schemas"]["MatchedRule"] | null;
            /** @description Rules that were asked before and speak of something that the call has not. */
            undecided: components["schemas"]["UndecidedRule"][];
        };
        /** @description What is tried when the target has failed. */
        RoutingFallback: string | components["schemas"]["RoutingPlace"];
        /** @description A provider to fall back to. */
        RoutingPlace: {
            /** @description The provider's key. */
            key_id?: components["schemas"]["KeyId"] | null;
            /** @description The model; as asked for unless said. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description The provider. */
            provider: components["schemas"]["ProviderName"];
        };
        /** @description How a document is shown that needs nothing beside what is said of it. */
        RoutingRule: {
            /**
             * @description When it fits: a CEL expression that is true or false. Empty: always.
             * @default
             */
            cel_expression: string;
            /** @description What it is for. */
            description?: string;
            /**
             * @description Whether it is in force.
             * @default true
             */
            enabled: boolean;
            /** @description What is tried afterwards, in this order, before the request's own fallbacks. */
            fallbacks?: components["schemas"]["RoutingFallback"][];
            /** @description Its id in paths and logs. */
            id: string;
            /** @description A name to show, its own within the scope. */
            name: string;
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /**
             * Format: int64
             * @description Lower ones are tried first.
             * @default 0
             */
            priority: number;
            /** @description The conditions as the reference's editor keeps them; not read. */
            query?: unknown;
            /**
             * @description Whose calls it is for.
             * @default global
             */
            scope: components["schemas"]["RuleScope"];
            /** @description The virtual key, team or customer. */
            scope_id?: string | null;
            /**
             * @description Where a call then goes: one of these, by weight. The weights sum to 1.
             * @default []
             */
            targets: components["schemas"]["RoutingTarget"][];
            /** @description What is there and does not work (yet). */
            warnings?: string[];
        };
        RoutingRuleAnswer: {
            /** @description What was done, where something was */
            message?: string;
            rule: components["schemas"]["RoutingRule"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /**
         * @description A rule. Of a scope's rules the first that fits decides, in the order of their priorities; of scopes, the virtual key's
         *     comes first, then the team's, the customer's and the global one.
         */
        RoutingRuleChange: {
            /** @description When it fits: a CEL expression that is true or false. Empty: always. */
            cel_expression?: string | null;
            /** @description What it is for. */
            description?: string | null;
            /** @description Whether it is in force. */
            enabled?: boolean | null;
            /** @description What is tried afterwards, in this order, before the request's own fallbacks. */
            fallbacks?: components["schemas"]["RoutingFallback"][] | null;
            /** @description Its id in paths and logs. */
            id?: string | null;
            /** @description A name to show, its own within the scope. */
            name?: string | null;
            /**
             * Format: int64
             * @description Lower ones are tried first.
             */
            priority?: number | null;
            /** @description The conditions as the reference's editor keeps them; not read. */
            query?: unknown | null;
            /** @description Whose calls it is for. */
            scope?: components["schemas"]["RuleScope"] | null;
            /** @description The virtual key, team or customer. */
            scope_id?: string | null;
            /** @description Where a call then goes: one of these, by weight. The weights sum to 1. */
            targets?: components["schemas"]["RoutingTargetInput"][] | null;
        };
        RoutingRuleList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            rules: components["schemas"]["RoutingRule"][];
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description A place that a rule sends calls to. What is not said stays as it was asked. */
        RoutingTarget: {
            /** @description The provider's key. */
            key_id?: components["schemas"]["KeyId"] | null;
            /** @description The model. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description The provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /**
             * Format: double
             * @description Its share; 1 unless said.
             * @default 1
             */
            weight: number;
        };
        /** @description A place that a rule sends calls to. What is not said stays as it was asked. */
        RoutingTargetInput: {
            /** @description The provider's key. */
            key_id?: components["schemas"]["KeyId"] | null;
            /** @description The model. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description The provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /**
             * Format: double
             * @description Its share; 1 unless said.
             * @default 1
             */
            weight: number;
        };
        /** @description Whose calls a rule is for. */
        RuleScope: "virtual_key" | "team" | "customer" | "global";
        /** @description What the rules for a caller look at in a call, by the names of its headers, tags and parameters. */
        RulesLookAt: {
            /** @description Headers. */
            headers: string[];
            /** @description Members of the request's body. */
            params: string[];
            /** @description Tags. */
            tags: string[];
        };
        /** @description One of a rule's targets. */
        RuleTarget: {
            /** @description Whether the lot falls on it. */
            drawn: boolean;
            /** @description The provider's key. */
            key_id?: components["schemas"]["KeyId"] | null;
            /** @description The model. */
            model?: components["schemas"]["ModelName"] | null;
            /** @description The provider. */
            provider?: components["schemas"]["ProviderName"] | null;
            /**
             * Format: double
             * @description Its part of the rule's calls, from 0 to 1.
             */
            share: number;
        };
        /** @description What became of a rule. */
        RuleVerdict: "fits" | "does_not" | "undecided" | "not_asked";
        /** @description A sentence. */
        Said: {
            message: string;
        };
        /** @description What self-hosted models saved. */
        Saved: {
            /** @description At whose price. */
            against: components["schemas"]["Against"];
            /**
             * Format: double
             * @description What their tokens would have cost, in dollars.
             */
            cost: number;
            /**
             * Format: uint64
             * @description Their tokens in.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Their tokens out.
             */
            output_tokens: number;
        };
        /** @description A single value. */
        Scalar: boolean | number | string;
        /** @description A slot of time. */
        SeriesSlot: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many requests there were.
             */
            count: number;
            /**
             * Format: uint64
             * @description How many did not.
             */
            error: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            success: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /** @description When it begins (RFC 3339). */
            timestamp: string;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description A server of one's own. */
        ServerKey: {
            /** @description Its address, or `env.NAME`. Unset: `network_config.base_url`. */
            url?: string | null;
        };
        /** @description Who calls. */
        Session: {
            /** @description As changes are signed: `admin`, `loopback`, `user:alice`, `token:ci`. */
            author: string;
            by: components["schemas"]["By"];
            role: components["schemas"]["Role"];
            /** @description The parts of the API that are open; none: all that the role may. */
            scopes: string[];
        };
        /** @description What a change of many documents at once did, or would do. */
        SettingsChange: {
            /** @description Whether nothing was kept, because only a preview was asked for. */
            dry_run: boolean;
            /** @description The documents that changed, or would. */
            edits: components["schemas"]["Edit"][];
            /** @description In a sentence. */
            message: string;
            /**
             * Format: uint64
             * @description The revision of the settings now.
             */
            revision: number;
            /** @description What was sent and does not act, or not yet. */
            warnings?: string[];
        };
        /** @description The settings as a configuration file has them: `format`, `client`, `providers`, `governance`, `admin`. */
        SettingsDocument: {
            [key: string]: unknown;
        };
        /** @description A length of time: a number and one of ms, s, m, h, d, w, M (30 days), Q (90 days), Y (365 days); parts add up. */
        Span: string;
        /** @description How a deployment stands at one moment. */
        Standing: {
            /**
             * Format: uint32
             * @description Calls that ended within the window of the breaker.
             */
            calls: number;
            /** @description Whether it may be asked. */
            condition: components["schemas"]["Condition"];
            /**
             * Format: double
             * @description The same, faded with the time since it was measured: what the latency strategy goes by.
             */
            expected_ms: number | null;
            /**
             * Format: uint32
             * @description How many of them failed.
             */
            failures: number;
            /**
             * Format: uint32
             * @description Calls that it has, streams that still run included.
             */
            in_flight: number;
            /**
             * Format: double
             * @description The measured time to the first byte (peak EWMA), in milliseconds.
             */
            latency_ms: number | null;
            /**
             * Format: uint64
             * @description When it may be asked again, in milliseconds from then; 0 if it may.
             */
            ready_in_ms: number;
        };
        /** @description How to choose among candidates of weight above 0. Those of weight 0 come last under each of them, in listed order. */
        Strategy: "weighted" | "least_busy" | "latency" | "cost" | "affinity";
        /** @description What became of the catalogue's file. */
        Synced: {
            /** @description Where prices are from now. */
            catalogue: components["schemas"]["Catalogue"];
            message: string;
        };
        /** @description A team, with what its virtual keys have used together. */
        Team: {
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description The same with its name. */
            customer: components["schemas"]["Party"] | null;
            /** @description The customer that it belongs to. */
            customer_id: components["schemas"]["CustomerId"] | null;
            /** @description Its id in paths and logs. */
            id: components["schemas"]["TeamId"];
            /** @description The name to show. */
            name: string;
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /**
             * Format: uint
             * @description How many virtual keys it has.
             */
            virtual_key_count: number;
        };
        TeamAnswer: {
            /** @description What was done, where something was */
            message?: string;
            team: components["schemas"]["Team"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A team: what its virtual keys may spend together. */
        TeamChange: {
            /** @description Instead of `budgets`: the first of them, of which what is not said stays; `{}` or null removes all. */
            budget?: components["schemas"]["BudgetInput"] | Record<string, never> | null;
            /** @description What may be spent. */
            budgets?: components["schemas"]["BudgetInput"][] | null;
            /** @description For every budget and the rate limit that do not say otherwise. */
            calendar_aligned?: boolean | null;
            /** @description The customer that it belongs to. */
            customer_id?: components["schemas"]["CustomerId"] | null;
            /** @description Its id in paths and logs. */
            id?: components["schemas"]["TeamId"] | null;
            /** @description A name to show. */
            name?: string | null;
            /** @description How often may be called, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
        };
        /** @description A team: virtual keys with budgets and limits of their own together. */
        TeamId: string;
        TeamList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            teams: components["schemas"]["Team"][];
            /** @description How many there are in all */
            total_count: number;
        };
        /** @description A virtual key's team. */
        TeamOfKey: {
            /** @description Its customer. */
            customer_id: components["schemas"]["CustomerId"] | null;
            /** @description The id. */
            id: components["schemas"]["TeamId"];
            /** @description The name to show. */
            name: string;
        };
        /** @description A team's share. */
        TeamShare: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /** @description What it is called; its id where it is gone. */
            name: string | null;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /** @description Its id; null for requests of no team. */
            team: string | null;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
        };
        /** @description A class of tokens with a price of its own. Classes are disjoint: a cached token is not also an input token. */
        TokenClass: "input" | "cache_read" | "cache_read_audio" | "cache_write" | "cache_write_hour" | "input_audio" | "input_image" | "output" | "reasoning" | "output_audio" | "output_image";
        /** @description Prices in dollars per token, or per unit of another measure. What is not said costs what the class it belongs to costs. A name may end in `_above_200k_tokens` (or another length) for longer prompts, in `_batches` for batches, or in both. */
        TokenPrices: {
            /** @description Per token of the prompt that the provider's cache keeps for its usual time. */
            cache_creation_input_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache keeps for an hour. */
            cache_creation_input_token_cost_above_1hr?: number;
            /** @description The same, of audio. */
            cache_read_input_audio_token_cost?: number;
            /** @description Per token of the prompt that the provider's cache served. */
            cache_read_input_token_cost?: number;
            /** @description Per token of audio in the prompt. */
            input_cost_per_audio_token?: number;
            /** @description Per character that is to be spoken. */
            input_cost_per_character?: number;
            /** @description Per token of pictures in the prompt. */
            input_cost_per_image_token?: number;
            /** @description Per search, as rerankers count them. */
            input_cost_per_query?: number;
            /** @description Per request, beside its tokens. */
            input_cost_per_request?: number;
            /** @description Per second of sound that is heard. */
            input_cost_per_second?: number;
            /** @description Per token of the prompt. */
            input_cost_per_token?: number;
            /** @description Per token of audio in the answer. */
            output_cost_per_audio_token?: number;
            /** @description Per picture that is made. */
            output_cost_per_image?: number;
            /** @description Per token of pictures in the answer. */
            output_cost_per_image_token?: number;
            /** @description Per token of reasoning. */
            output_cost_per_reasoning_token?: number;
            /** @description Per token of the answer. */
            output_cost_per_token?: number;
        };
        /** @description Tokens. */
        Tokens: {
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_read_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            completion_tokens: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            prompt_tokens: number;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: uint64
             * @description Both.
             */
            total_tokens: number;
        };
        /** @description A token that was saved, and its value where the gateway made one. */
        TokenSaved: {
            /** @description What was done, where something was */
            message?: string;
            token: components["schemas"]["ApiToken"];
            /** @description What to present: told this once. */
            value?: string | null;
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A slot of time. */
        TokensBucket: {
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_read_tokens: number;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            completion_tokens: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            prompt_tokens: number;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /** @description When it begins (RFC 3339). */
            timestamp: string;
            /**
             * Format: uint64
             * @description Both.
             */
            total_tokens: number;
        };
        /** @description A slot of time. */
        TokensByProviderBucket: {
            /** @description Those that answered anything in the slot. */
            by_provider: {
                [key: string]: components["schemas"]["Tokens"];
            };
            /** @description When it begins (RFC 3339). */
            timestamp: string;
        };
        /** @description Figures over time, slots without any request included. */
        TokensByProviderHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["TokensByProviderBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /** @description Figures over time, slots without any request included. */
        TokensHistogram: {
            /**
             * Format: uint64
             * @description How long slots are.
             */
            bucket_size_seconds: number;
            /** @description By time. */
            buckets: components["schemas"]["TokensBucket"][];
            /** @description The models that are told apart: at most the 20 busiest. Only where models are. */
            models?: string[] | null;
            /** @description The providers that are told apart. Only where providers are. */
            providers?: string[] | null;
        };
        /** @description What was used, in tokens. */
        TokenUsage: {
            /** @description How the usage is known. */
            basis: components["schemas"]["Basis"];
            /** Format: uint64 */
            completion_tokens: number;
            completion_tokens_details: components["schemas"]["CompletionTokens"];
            /** Format: uint64 */
            prompt_tokens: number;
            prompt_tokens_details: components["schemas"]["PromptTokens"];
            /** Format: uint64 */
            total_tokens: number;
        };
        /** @description Changes in percent; null where there is nothing to compare with. */
        Trend: {
            /**
             * Format: double
             * @description Of cost.
             */
            cost_trend: number | null;
            /** @description Whether the model answered anything in the time before. */
            has_previous_period: boolean;
            /**
             * Format: double
             * @description Of the average latency.
             */
            latency_trend: number | null;
            /**
             * Format: double
             * @description Of requests.
             */
            requests_trend: number | null;
            /**
             * Format: double
             * @description Of tokens.
             */
            tokens_trend: number | null;
        };
        /** @description A rule that could not be decided. */
        UndecidedRule: {
            /** @description Its id. */
            id: string;
            /** @description What it speaks of that the call has not. */
            why: string;
        };
        /** @description What a call costs whose model has no price. */
        UnknownPrice: "refuse_under_budget" | "free" | "refuse" | {
            charge: components["schemas"]["TokenPrices"];
        };
        /** @description Something that names the provider. */
        Use: {
            /** @description Its id. */
            id: string;
            /** @description What it is called. */
            name: string;
        };
        /** @description A user as answers show them. */
        User: {
            /** @description Where the user is from: `api`, or `file` and its path. */
            origin: string;
            /** @description What they may do. */
            role: components["schemas"]["Role"];
            /** @description What they log in as. */
            username: string;
        };
        UserAnswer: {
            /** @description What was done, where something was */
            message?: string;
            user: components["schemas"]["User"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A change of a user. A new one needs all of it, with a password or the hash of one. */
        UserChange: {
            /** @description A password of at least 12 characters. */
            password?: string | null;
            /** @description Instead of a password: its hash, as `gateway-server hash-password` makes it. */
            password_hash?: string | null;
            /** @description What may be done. */
            role?: components["schemas"]["Role"] | null;
            /** @description The name to log in with: up to 100 letters, digits and `-_.@`. */
            username?: string | null;
        };
        UserList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            /** @description How many there are in all */
            total_count: number;
            users: components["schemas"]["User"][];
        };
        /**
         * @description A project of Google Cloud. A value in the key is an API key; without one a token is had from the credentials, or from
         *     what the surroundings have (a credentials file, the metadata server).
         */
        VertexKey: {
            /** @description A credentials file's JSON, as text, or `env.NAME`. Never shown again. */
            auth_credentials?: components["schemas"]["KeyValue"] | null;
            /** @description The upstream's name for each model that is asked for by another one; a number is an endpoint's id. */
            deployments?: {
                [key: string]: string;
            };
            /** @description The project's id, or `env.NAME`. Unset: that of the credentials, else GOOGLE_CLOUD_PROJECT. */
            project_id?: string | null;
            /** @description The project's number; stands for the id where that is not given. */
            project_number?: string | null;
            /** @description The region, `us`, `eu` or `global`. Unset: GOOGLE_CLOUD_LOCATION, else `global`. */
            region?: string | null;
        };
        /**
         * @description How every candidate of a query stood at one moment: what a plan depends on besides the query and the seed.
         *
         *     Times in it are relative, so that it means the same when it is read again in another process.
         */
        View: {
            /** @description When it was taken. */
            at: components["schemas"]["Wall"];
            /** @description One per candidate, group by group; a candidate beyond the end is one that nothing is known of. */
            standings: components["schemas"]["Standing"][];
        };
        /** @description A virtual key, with what was used of its limits. Its value is there once: in the answer that made it. */
        VirtualKey: {
            /** @description What it has done; not in answers of changes. */
            activity?: components["schemas"]["KeyActivity"] | null;
            /** @description Who is told when one of its budgets runs low, if not whom the settings name. */
            alerts: components["schemas"]["Alerts"] | null;
            /** @description Whether it may use the passthrough prefixes. */
            allow_passthrough: boolean;
            /** @description Models that it may not use, `*` being a wildcard. */
            blacklisted_models: string[];
            /** @description The first of the budgets. */
            budget: components["schemas"]["Budget"] | null;
            /** @description What may be spent. */
            budgets: components["schemas"]["Budget"][];
            /** @description Whether every budget is aligned to the calendar. */
            calendar_aligned: boolean;
            /** @description Its customer, or its team's. */
            customer: components["schemas"]["Party"] | null;
            /** @description The customer that is set for it; its team's is in `customer`. */
            customer_id: components["schemas"]["CustomerId"] | null;
            /** @description What it is for. */
            description: string | null;
            /** @description When it stops working, in RFC 3339. */
            expires_at: string | null;
            /** @description Whether the value can be guessed, such as one that is the id. */
            guessable: boolean;
            /** @description The operator's name for it in paths and logs. */
            id: components["schemas"]["VirtualKeyId"];
            /** @description Whether it may be used, as far as that is set; see `status`. */
            is_active: boolean;
            /** @description Tags of its calls in logs and ledger. */
            metadata: {
                [key: string]: string;
            };
            /** @description What it may spend and how often it may call, by model. */
            model_limits: components["schemas"]["ModelLimit"][];
            /** @description The name to show. */
            name: string;
            /** @description What happens to a stream whose client has left. None: as the client section says. */
            on_disconnect: components["schemas"]["OnDisconnect"] | null;
            /** @description Where it is from: `api`, or `file` and its path, which alone can change it then. */
            origin: string;
            /** @description Earlier values that still work. */
            previous: components["schemas"]["EarlierValue"][];
            /** @description What it allows, an entry per provider. None at all: everything that is configured. */
            provider_configs: components["schemas"]["ProviderEntry"][];
            /** @description How often may be called, and for how many tokens. */
            rate_limit: components["schemas"]["RateLimit"] | null;
            /** @description Headers that its calls must carry. */
            required_headers: string[];
            /** @description Whether it works now. */
            status: components["schemas"]["KeyStatus"];
            /** @description How one of the entries is chosen. */
            strategy: string;
            /** @description Whether a call that cannot be told whole to the chosen model's provider is refused. */
            strict_translation: boolean;
            /** @description The same with its name. */
            team: components["schemas"]["TeamOfKey"] | null;
            /** @description Its team. */
            team_id: components["schemas"]["TeamId"] | null;
            /** @description What clients present, as far as it may be shown; the whole of it in the answer that made it, and never again. */
            value: string | null;
        };
        VirtualKeyAnswer: {
            /** @description What was done, where something was */
            message?: string;
            virtual_key: components["schemas"]["VirtualKey"];
            /** @description What was sent and does not act, or not yet */
            warnings?: string[];
        };
        /** @description A virtual key: who may use what, and how much of it. */
        VirtualKeyChange: {
            /** @description Who is told when one of its budgets passes a threshold, instead of whom the governance section names. */
            alerts?: components["schemas"]["AlertsInput"] | null;
            /** @description Whether it may use the passthrough prefixes, behind which a provider's own API is open with the provider's key. */
            allow_passthrough?: boolean | null;
            /**
             * @description Models that it may not use, whatever its entries allow and aliases serve, `*` being a wildcard. However a model's name
             *     is spelled; with a provider in front, there alone.
             */
            blacklisted_models?: string[] | null;
            /** @description Instead of `budgets`: the first of them, of which what is not said stays; `{}` or null removes all. */
            budget?: components["schemas"]["BudgetInput"] | Record<string, never> | null;
            /** @description What it may spend. */
            budgets?: components["schemas"]["BudgetInput"][] | null;
            /** @description For every budget and the rate limit that do not say otherwise. */
            calendar_aligned?: boolean | null;
            /** @description The customer whose budgets and limits hold for it as well; with a team, the team's customer. */
            customer_id?: components["schemas"]["CustomerId"] | null;
            /** @description What it is for. */
            description?: string | null;
            /** @description When it stops working, as RFC 3339. */
            expires_at?: string | null;
            /** @description The operator's name for it in paths and logs. Never a credential where the gateway made the value. */
            id?: components["schemas"]["VirtualKeyId"] | null;
            /** @description Whether it may be used. */
            is_active?: boolean | null;
            /**
             * @description Facts about it, which become tags of its calls in logs and ledger: at most 32, with names of at most 64 bytes and
             *     values of at most 256.
             */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What it may spend and how often it may call, by model. */
            model_limits?: components["schemas"]["ModelLimitInput"][] | null;
            /** @description A name to show. The id unless given. */
            name?: string | null;
            /** @description What happens to a stream whose client has left. Unset: as the client section says. */
            on_disconnect?: components["schemas"]["OnDisconnect"] | null;
            /** @description What it allows, an entry per provider. None at all: everything that is configured. */
            provider_configs?: components["schemas"]["ProviderConfig"][] | null;
            /** @description How often it may call, and for how many tokens. */
            rate_limit?: components["schemas"]["RateLimitInput"] | null;
            /** @description Headers that its calls must carry. */
            required_headers?: string[] | null;
            /** @description Whether all budgets of the key, of its entries and by model begin anew. */
            reset_budget_usage?: boolean | null;
            /**
             * @description How one of the allowed entries is chosen: `weighted` (the default), `least_busy`, `latency`, `cost` or
             *     `affinity`. Passed on to the router uninterpreted.
             */
            strategy?: string | null;
            /**
             * @description Whether a call that the chosen model's provider cannot be told whole is refused instead of told in part, unless
             *     the call says so itself (`x-gateway-strict`).
             */
            strict_translation?: boolean | null;
            /** @description The team whose budgets and limits hold for it as well. */
            team_id?: components["schemas"]["TeamId"] | null;
            /** @description The value that clients present: plain text or `env.NAME` in a file or a request, never in the store. */
            value?: string | null;
        };
        /** @description A virtual key: the id, never the value that clients present. */
        VirtualKeyId: string;
        VirtualKeyList: {
            /** @description How many are on this page */
            count: number;
            /** @description The most that a page was to hold */
            limit: number;
            /** @description How many were skipped before */
            offset: number;
            /** @description How many there are in all */
            total_count: number;
            virtual_keys: components["schemas"]["VirtualKey"][];
        };
        /** @description A virtual key's share. */
        VirtualKeyShare: {
            /**
             * Format: double
             * @description How long they took on average, in milliseconds; 0 where there were none.
             */
            average_latency: number;
            /**
             * Format: uint64
             * @description Of the tokens in, those out of a cache.
             */
            cached_tokens: number;
            /**
             * Format: uint64
             * @description How many clients went away first.
             */
            cancelled: number;
            /**
             * Format: uint64
             * @description How many failed or were refused.
             */
            errors: number;
            /**
             * Format: uint64
             * @description Tokens in, cached ones included.
             */
            input_tokens: number;
            /** @description What it is called; its id where it is gone. */
            name: string | null;
            /**
             * Format: uint64
             * @description Tokens out, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: double
             * @description What half of them stayed under, in milliseconds.
             */
            p50_latency: number | null;
            /**
             * Format: double
             * @description How long until the first content, for half of those where it was measured, in milliseconds.
             */
            p50_ttft: number | null;
            /**
             * Format: double
             * @description What 95 of a hundred stayed under, in milliseconds.
             */
            p95_latency: number | null;
            /**
             * Format: double
             * @description The same for 95 of a hundred.
             */
            p95_ttft: number | null;
            /**
             * Format: double
             * @description What 99 of a hundred stayed under, in milliseconds.
             */
            p99_latency: number | null;
            /**
             * Format: uint64
             * @description Of the tokens out, those of reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: double
             * @description How many of a hundred succeeded; 0 where there were none.
             */
            success_rate: number;
            /**
             * Format: uint64
             * @description How many succeeded.
             */
            successes: number;
            /**
             * Format: double
             * @description What they cost, in dollars.
             */
            total_cost: number;
            /**
             * Format: uint64
             * @description How many there were.
             */
            total_requests: number;
            /**
             * Format: uint64
             * @description Tokens in and out.
             */
            total_tokens: number;
            /** @description Its id; null for requests without one. */
            virtual_key: string | null;
        };
        /** @description A vLLM server. */
        VllmKey: {
            /** @description The one model that it is used for. Unset: all. */
            model_name?: string | null;
            /** @description Its address, or `env.NAME`. Unset: `network_config.base_url`. */
            url?: string | null;
        };
        /**
         * Format: int64
         * @description Milliseconds since the Unix epoch: for what is written down, and for windows.
         */
        Wall: number;
        /** @description What kind of caller somebody is. */
        WhoCalls: "virtual_key" | "operator" | "anonymous" | "refused";
        /** @description What is to be let go of. */
        WriteOff: {
            /** @description The quota. */
            quota: string;
            /**
             * Format: uint64
             * @description The number of its window; the latest unless given.
             */
            window?: number | null;
        };
        /** @description What was let go of. */
        WrittenOff: {
            /** @description The quota. */
            quota: string;
            /** @description What it counts. */
            unit: components["schemas"]["QuotaUnit"];
            /**
             * Format: uint64
             * @description The window.
             */
            window: number;
            /**
             * Format: int64
             * @description How much, in the unit.
             */
            written_off: number;
        };
    };
    responses: {
        /** @description Refused or failed, in the shape of errors of the path's dialect */
        ErrorOfDialect: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description What the vendor of the path's dialect documents */
        OfVendor: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description What is wrong, and what would be right */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAuditLogs: {
        parameters: {
            query?: {
                /** @description That action, or all that begin so: `provider.update`, `ledger.`. */
                action?: string | null;
                /** @description By that actor: `user:anna`, `token:ci`, `admin`, … */
                actor?: string | null;
                /** @description Those before this number: the `next` of the page before. */
                before?: number | null;
                /** @description Before that time, in RFC 3339. */
                end_time?: string | null;
                /** @description The most that are answered: 1 to 1000; 50 unless given. */
                limit?: number | null;
                /** @description At that time or later, in RFC 3339. */
                start_time?: string | null;
                /** @description To that target, or to all that begin so: `provider/openai`, `provider/`. */
                target?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
        };
    };
    postAuditLogsVerify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerdict"];
                };
            };
        };
    };
    getConfig: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
        };
    };
    putConfig: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigSaved"];
                };
            };
        };
    };
    getConfigExport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exported"];
                };
            };
        };
    };
    getConfigExportYaml: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": unknown;
                };
            };
        };
    };
    postConfigImport: {
        parameters: {
            query?: {
                /** @description Whether to tell what would change, and change nothing. */
                dry_run?: boolean | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsDocument"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsChange"];
                };
            };
        };
    };
    getConfigRevisions: {
        parameters: {
            query?: {
                /** @description Those before this one: the `next` of the page before. */
                before?: number | null;
                /** @description The most that are answered: 1 to 1000; 50 unless given. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevisionList"];
                };
            };
        };
    };
    getConfigRevisionsByNumber: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevisionWithEdit"];
                };
            };
        };
    };
    postConfigRevisionsByNumberRollback: {
        parameters: {
            query?: {
                /** @description Whether to tell what would change, and change nothing. */
                dry_run?: boolean | null;
            };
            header?: never;
            path: {
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsChange"];
                };
            };
        };
    };
    postExplain: {
        parameters: {
            query?: {
                /** @description As if its input were a text of that many tokens. */
                input_tokens?: number | null;
                /** @description As the call of whoever manages the gateway, who needs no virtual key. */
                operator?: boolean | null;
                /** @description What lots are drawn from: a number, or the id of a request whose lots are to be drawn again. */
                seed?: string | null;
                /** @description As the call of that virtual key. */
                virtual_key_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InferenceRequest"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
        };
    };
    getGovernanceBudgets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedBudgetList"];
                };
            };
        };
    };
    getGovernanceBudgetsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedBudgetAnswer"];
                };
            };
        };
    };
    putGovernanceBudgetsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BudgetChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedBudgetAnswer"];
                };
            };
        };
    };
    postGovernanceBudgetsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedBudgetAnswer"];
                };
            };
        };
    };
    deleteGovernanceBudgetsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceCustomers: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerList"];
                };
            };
        };
    };
    postGovernanceCustomers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CustomerChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerAnswer"];
                };
            };
        };
    };
    getGovernanceCustomersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerAnswer"];
                };
            };
        };
    };
    putGovernanceCustomersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CustomerChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerAnswer"];
                };
            };
        };
    };
    deleteGovernanceCustomersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceModelConfigs: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description That of this model, as it is written. */
                model_name?: string | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Those at this provider. */
                provider?: string | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelConfigList"];
                };
            };
        };
    };
    postGovernanceModelConfigs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelConfigChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelConfigAnswer"];
                };
            };
        };
    };
    getGovernanceModelConfigsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelConfigAnswer"];
                };
            };
        };
    };
    putGovernanceModelConfigsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelConfigChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelConfigAnswer"];
                };
            };
        };
    };
    deleteGovernanceModelConfigsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernancePricingOverrides: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description Those whose pattern is read so: `exact`, `wildcard` or `regex`. */
                match_type?: string | null;
                /** @description Those for that pattern. */
                model_pattern?: string | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Those of that provider. */
                provider?: string | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricingOverrideList"];
                };
            };
        };
    };
    postGovernancePricingOverrides: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PricingOverrideChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricingOverrideAnswer"];
                };
            };
        };
    };
    getGovernancePricingOverridesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricingOverrideAnswer"];
                };
            };
        };
    };
    putGovernancePricingOverridesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PricingOverrideChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricingOverrideAnswer"];
                };
            };
        };
    };
    deleteGovernancePricingOverridesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceProviders: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderLimitsList"];
                };
            };
        };
    };
    getGovernanceProvidersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderLimitsAnswer"];
                };
            };
        };
    };
    putGovernanceProvidersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderLimitsChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderLimitsAnswer"];
                };
            };
        };
    };
    deleteGovernanceProvidersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceRateLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedRateLimitList"];
                };
            };
        };
    };
    getGovernanceRateLimitsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedRateLimitAnswer"];
                };
            };
        };
    };
    putGovernanceRateLimitsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RateLimitChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedRateLimitAnswer"];
                };
            };
        };
    };
    postGovernanceRateLimitsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnedRateLimitAnswer"];
                };
            };
        };
    };
    deleteGovernanceRateLimitsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceRoutingRules: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Those for such callers alone. */
                scope?: components["schemas"]["RuleScope"] | null;
                /** @description Those of one virtual key, team or customer. */
                scope_id?: string | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoutingRuleList"];
                };
            };
        };
    };
    postGovernanceRoutingRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoutingRuleChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoutingRuleAnswer"];
                };
            };
        };
    };
    getGovernanceRoutingRulesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoutingRuleAnswer"];
                };
            };
        };
    };
    putGovernanceRoutingRulesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoutingRuleChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoutingRuleAnswer"];
                };
            };
        };
    };
    deleteGovernanceRoutingRulesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    postGovernanceRoutingRulesCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConditionCheck"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConditionChecked"];
                };
            };
        };
    };
    getGovernanceRoutingRulesSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConditionSchema"];
                };
            };
        };
    };
    getGovernanceTeams: {
        parameters: {
            query?: {
                /** @description Those of this customer. */
                customer_id?: string | null;
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamList"];
                };
            };
        };
    };
    postGovernanceTeams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamAnswer"];
                };
            };
        };
    };
    getGovernanceTeamsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamAnswer"];
                };
            };
        };
    };
    putGovernanceTeamsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamAnswer"];
                };
            };
        };
    };
    deleteGovernanceTeamsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceVirtualKeys: {
        parameters: {
            query?: {
                /** @description Those of this customer and of its teams. */
                customer_id?: string | null;
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description `asc` unless given. */
                order?: "asc" | "desc" | null;
                /** @description Those that may use this provider. */
                provider?: string | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
                /** @description `id` unless given. */
                sort_by?: "id" | "name" | "budget_spent" | "budget_used" | "status" | "expires_at" | null;
                /** @description Those that are so now. */
                status?: components["schemas"]["KeyStatus"] | null;
                /** @description Those of this team. */
                team_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VirtualKeyList"];
                };
            };
        };
    };
    postGovernanceVirtualKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VirtualKeyChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VirtualKeyAnswer"];
                };
            };
        };
    };
    getGovernanceVirtualKeysById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VirtualKeyAnswer"];
                };
            };
        };
    };
    putGovernanceVirtualKeysById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VirtualKeyChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VirtualKeyAnswer"];
                };
            };
        };
    };
    deleteGovernanceVirtualKeysById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getGovernanceVirtualKeysByIdLimits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EffectiveLimits"];
                };
            };
        };
    };
    postGovernanceVirtualKeysByIdRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rotation"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VirtualKeyAnswer"];
                };
            };
        };
    };
    getGovernanceVirtualKeysQuota: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnQuota"];
                };
            };
        };
    };
    getHealthDeployments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentList"];
                };
            };
        };
    };
    getKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyOfProvider"][];
                };
            };
        };
    };
    getLedger: {
        parameters: {
            query?: {
                /** @description Where the page before ended: its `next`. */
                after?: number | null;
                /** @description Of that customer. */
                customer_id?: string | null;
                /** @description Written before that time, in RFC 3339. */
                end_time?: string | null;
                /** @description The most that are answered: 1 to 1000; 50 unless given. */
                limit?: number | null;
                /** @description With an attempt of that model, in the provider's words. */
                model?: string | null;
                /** @description By when they were written; newest first unless given. */
                order?: components["schemas"]["Order"] | null;
                /** @description With an attempt at that provider. */
                provider?: string | null;
                /** @description That charged this quota. */
                quota?: string | null;
                /** @description Of that call: a UUID. */
                request_id?: string | null;
                /** @description Written at that time or later, in RFC 3339. */
                start_time?: string | null;
                /** @description Of that team. */
                team_id?: string | null;
                /** @description Of that virtual key. */
                virtual_key_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerList"];
                };
            };
        };
    };
    getLedgerExport: {
        parameters: {
            query?: {
                /** @description Of that customer. */
                customer_id?: string | null;
                /** @description Written before that time, in RFC 3339. */
                end_time?: string | null;
                /** @description `jsonl` unless given. */
                format?: components["schemas"]["FileFormat"] | null;
                /** @description With an attempt of that model, in the provider's words. */
                model?: string | null;
                /** @description With an attempt at that provider. */
                provider?: string | null;
                /** @description That charged this quota. */
                quota?: string | null;
                /** @description Of that call: a UUID. */
                request_id?: string | null;
                /** @description Written at that time or later, in RFC 3339. */
                start_time?: string | null;
                /** @description Of that team. */
                team_id?: string | null;
                /** @description Of that virtual key. */
                virtual_key_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                };
            };
        };
    };
    postLedgerVerify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerVerdict"];
                };
            };
        };
    };
    getLedgerWindows: {
        parameters: {
            query?: {
                /** @description Those before this number: the `next` of the page before. */
                before?: number | null;
                /** @description The most that are answered of a quota: 1 to 1000; 50 unless given. */
                limit?: number | null;
                /** @description Those of this quota, the latest first. Unless given: the latest of each. */
                quota?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerWindowList"];
                };
            };
        };
    };
    postLedgerWriteOff: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteOff"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenOff"];
                };
            };
        };
    };
    getLogs: {
        parameters: {
            query?: {
                /** @description Whose model, error, tags or kept content hold this text, in any case. */
                content_search?: string | null;
                /** @description Where the page is: `next_cursor` or `prev_cursor` of another page in the same order. Not with `offset`. */
                cursor?: string | null;
                /** @description Of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description That came before (RFC 3339). */
                end_time?: string | null;
                /** @description With these kinds of error, by their codes, with commas between. */
                error_codes?: string | null;
                /** @description Answered there: `self_hosted`, `cloud`. */
                hosting?: string | null;
                /** @description The most rows of a page: 1 to 1000; 50 unless given. */
                limit?: number | null;
                /** @description That cost at most so many dollars. */
                max_cost?: number | null;
                /** @description That took at most so many milliseconds. */
                max_latency?: number | null;
                /** @description With at most so many tokens. */
                max_tokens?: number | null;
                /** @description That cost at least so many dollars. */
                min_cost?: number | null;
                /** @description That took at least so many milliseconds. */
                min_latency?: number | null;
                /** @description With at least so many tokens. */
                min_tokens?: number | null;
                /** @description Whose model had no price: `true`. */
                missing_cost_only?: boolean | null;
                /** @description Of these models, as asked for or as answered, with commas between. */
                models?: string | null;
                /** @description Of these kinds, such as `chat.completion`, with commas between. */
                objects?: string | null;
                /** @description How many rows are skipped before. The further, the slower: `cursor` is not. */
                offset?: number | null;
                /** @description `desc` (unless given) or `asc`. */
                order?: string | null;
                /** @description Answered by these providers, with commas between. */
                providers?: string | null;
                /** @description With these ids, with commas between. */
                request_id?: string | null;
                /** @description That these routing rules sent where they went, with commas between. */
                routing_rule_ids?: string | null;
                /** @description Through these keys of providers, with commas between. */
                selected_key_ids?: string | null;
                /** @description What rows are sorted by: `timestamp` (unless given), `latency`, `tokens`, `cost`. */
                sort_by?: string | null;
                /** @description That came at or after (RFC 3339). */
                start_time?: string | null;
                /** @description That ended so: `success`, `error`, `cancelled`, with commas between. */
                status?: string | null;
                /** @description Of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Whether all rows that match are counted and summed up too: `true` unless there is a `cursor`. */
                totals?: boolean | null;
                /** @description Of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
        };
    };
    deleteLogs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LogDeletion"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogsDeleted"];
                };
            };
        };
    };
    getLogsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogDetail"];
                };
            };
        };
    };
    getLogsDropped: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogsDropped"];
                };
            };
        };
    };
    getLogsFilterdata: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilterData"];
                };
            };
        };
    };
    getLogsHistogram: {
        parameters: {
            query?: {
                /** @description Those of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now. */
                minutes?: number | null;
                /** @description Those that these models answered, with commas between. */
                models?: string | null;
                /** @description Those that these providers answered: names with commas between. One kind of filter at a time. */
                providers?: string | null;
                /** @description From then on (RFC 3339); one day before the end unless given. Not with `minutes`. */
                start_time?: string | null;
                /** @description Those of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Those of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestsHistogram"];
                };
            };
        };
    };
    getLogsHistogramCost: {
        parameters: {
            query?: {
                /** @description Those of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now. */
                minutes?: number | null;
                /** @description Those that these models answered, with commas between. */
                models?: string | null;
                /** @description Those that these providers answered: names with commas between. One kind of filter at a time. */
                providers?: string | null;
                /** @description From then on (RFC 3339); one day before the end unless given. Not with `minutes`. */
                start_time?: string | null;
                /** @description Those of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Those of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CostHistogram"];
                };
            };
        };
    };
    getLogsHistogramCostByProvider: {
        parameters: {
            query?: {
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now; 1440 unless a time is given. */
                minutes?: number | null;
                /** @description From then on (RFC 3339). Not with `minutes`. */
                start_time?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DollarsByProviderHistogram"];
                };
            };
        };
    };
    getLogsHistogramLatency: {
        parameters: {
            query?: {
                /** @description Those of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now. */
                minutes?: number | null;
                /** @description Those that these models answered, with commas between. */
                models?: string | null;
                /** @description Those that these providers answered: names with commas between. One kind of filter at a time. */
                providers?: string | null;
                /** @description From then on (RFC 3339); one day before the end unless given. Not with `minutes`. */
                start_time?: string | null;
                /** @description Those of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Those of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatencyHistogram"];
                };
            };
        };
    };
    getLogsHistogramLatencyByProvider: {
        parameters: {
            query?: {
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now; 1440 unless a time is given. */
                minutes?: number | null;
                /** @description From then on (RFC 3339). Not with `minutes`. */
                start_time?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatencyByProviderHistogram"];
                };
            };
        };
    };
    getLogsHistogramModels: {
        parameters: {
            query?: {
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now; 1440 unless a time is given. */
                minutes?: number | null;
                /** @description From then on (RFC 3339). Not with `minutes`. */
                start_time?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelsHistogram"];
                };
            };
        };
    };
    getLogsHistogramTokens: {
        parameters: {
            query?: {
                /** @description Those of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now. */
                minutes?: number | null;
                /** @description Those that these models answered, with commas between. */
                models?: string | null;
                /** @description Those that these providers answered: names with commas between. One kind of filter at a time. */
                providers?: string | null;
                /** @description From then on (RFC 3339); one day before the end unless given. Not with `minutes`. */
                start_time?: string | null;
                /** @description Those of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Those of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensHistogram"];
                };
            };
        };
    };
    getLogsHistogramTokensByProvider: {
        parameters: {
            query?: {
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now; 1440 unless a time is given. */
                minutes?: number | null;
                /** @description From then on (RFC 3339). Not with `minutes`. */
                start_time?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensByProviderHistogram"];
                };
            };
        };
    };
    getLogsLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
        };
    };
    getLogsRankings: {
        parameters: {
            query?: {
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now; 1440 unless a time is given. */
                minutes?: number | null;
                /** @description What ranks: `requests` (unless given), `tokens` or `cost`. */
                sort_by?: string | null;
                /** @description From then on (RFC 3339). Not with `minutes`. */
                start_time?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rankings"];
                };
            };
        };
    };
    getLogsStats: {
        parameters: {
            query?: {
                /** @description Whose model, error, tags or kept content hold this text, in any case. */
                content_search?: string | null;
                /** @description Of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description That came before (RFC 3339). */
                end_time?: string | null;
                /** @description With these kinds of error, by their codes, with commas between. */
                error_codes?: string | null;
                /** @description Answered there: `self_hosted`, `cloud`. */
                hosting?: string | null;
                /** @description That cost at most so many dollars. */
                max_cost?: number | null;
                /** @description That took at most so many milliseconds. */
                max_latency?: number | null;
                /** @description With at most so many tokens. */
                max_tokens?: number | null;
                /** @description That cost at least so many dollars. */
                min_cost?: number | null;
                /** @description That took at least so many milliseconds. */
                min_latency?: number | null;
                /** @description With at least so many tokens. */
                min_tokens?: number | null;
                /** @description Whose model had no price: `true`. */
                missing_cost_only?: boolean | null;
                /** @description Of these models, as asked for or as answered, with commas between. */
                models?: string | null;
                /** @description Of these kinds, such as `chat.completion`, with commas between. */
                objects?: string | null;
                /** @description Answered by these providers, with commas between. */
                providers?: string | null;
                /** @description With these ids, with commas between. */
                request_id?: string | null;
                /** @description That these routing rules sent where they went, with commas between. */
                routing_rule_ids?: string | null;
                /** @description Through these keys of providers, with commas between. */
                selected_key_ids?: string | null;
                /** @description That came at or after (RFC 3339). */
                start_time?: string | null;
                /** @description That ended so: `success`, `error`, `cancelled`, with commas between. */
                status?: string | null;
                /** @description Of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogStats"];
                };
            };
        };
    };
    getModels: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 10000; 5 unless given. */
                limit?: number | null;
                /** @description Of that provider alone. */
                provider?: string | null;
                /** @description A text that the name must hold, in any case. */
                query?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelNames"];
                };
            };
        };
    };
    getModelsDetails: {
        parameters: {
            query?: {
                /** @description Whether those of the catalogue that no configured provider is known to serve are among them. */
                all?: boolean | null;
                /** @description Able to do that: `tools`, `image_in`, `reasoning`, … */
                capability?: string | null;
                /** @description The most that are answered: 1 to 1000; 20 unless given. */
                limit?: number | null;
                /** @description For that: `chat`, `embedding`, … */
                mode?: string | null;
                /** @description Of that very name; the answer then tells which virtual keys may use it. */
                model?: string | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Upwards unless given. */
                order?: components["schemas"]["Direction"] | null;
                /** @description Of that provider alone. */
                provider?: string | null;
                /** @description Words that the name or the provider's must hold, in any case. */
                query?: string | null;
                /** @description That a call can reach now, or cannot. */
                reachable?: boolean | null;
                /** @description On machines of one's own, or not. */
                self_hosted?: boolean | null;
                /** @description What they are put in order by; the name unless given. */
                sort_by?: components["schemas"]["ModelOrder"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
        };
    };
    getModelsPrices: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 100 unless given. */
                limit?: number | null;
                /** @description Of that model alone, whether anybody is known to serve it or not. */
                model?: string | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Of that provider alone. */
                provider?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PriceList"];
                };
            };
        };
    };
    postModelsPricesPreview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PricePreviewRequest"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricePreview"];
                };
            };
        };
    };
    getOffers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferList"];
                };
            };
        };
    };
    postOffersByOfferAccept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                offer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
        };
    };
    getOpenapiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    getOverview: {
        parameters: {
            query?: {
                /** @description Those of these customers, with commas between. */
                customer_ids?: string | null;
                /** @description Until then (RFC 3339); now unless given. Not with `minutes`. */
                end_time?: string | null;
                /** @description So many minutes up to now. */
                minutes?: number | null;
                /** @description Those that these models answered, with commas between. */
                models?: string | null;
                /** @description Those that these providers answered: names with commas between. One kind of filter at a time. */
                providers?: string | null;
                /** @description The model, as `provider/model`, at whose price saved costs are reckoned. */
                saved_against?: string | null;
                /** @description What lists are sorted by: `requests` (unless given), `tokens` or `cost`. */
                sort_by?: string | null;
                /** @description From then on (RFC 3339); one day before the end unless given. Not with `minutes`. */
                start_time?: string | null;
                /** @description Those of these teams, with commas between. */
                team_ids?: string | null;
                /** @description Those of these virtual keys, with commas between. */
                virtual_key_ids?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
        };
    };
    postPlaygroundChatCompletions: {
        parameters: {
            query?: {
                /** @description The virtual key that it is booked on; none: the operator's own call. */
                virtual_key_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatCompletion"];
            };
        };
        responses: {
            "4XX": components["responses"]["ErrorOfDialect"];
            "5XX": components["responses"]["ErrorOfDialect"];
            200: components["responses"]["OfVendor"];
        };
    };
    postPricingForceSync: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Synced"];
                };
            };
        };
    };
    getProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderList"];
                };
            };
        };
    };
    postProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProvider"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
        };
    };
    getProvidersByProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
        };
    };
    putProvidersByProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
        };
    };
    deleteProvidersByProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderDeleted"];
                };
            };
        };
    };
    getProvidersByProviderKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderKeyList"];
                };
            };
        };
    };
    postProvidersByProviderKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderKeyChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderKey"];
                };
            };
        };
    };
    getProvidersByProviderKeysByKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderKey"];
                };
            };
        };
    };
    putProvidersByProviderKeysByKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderKeyChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderKey"];
                };
            };
        };
    };
    deleteProvidersByProviderKeysByKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    postProvidersByProviderModelsRefresh: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
        };
    };
    postProvidersByProviderTest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProviderTestRequest"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderTest"];
                };
            };
        };
    };
    getProvidersByProviderUses: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderUses"];
                };
            };
        };
    };
    getProvidersKinds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KindList"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    getSessionIsAuthEnabled: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guarded"];
                };
            };
        };
    };
    postSessionLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoggedIn"];
                };
            };
        };
    };
    postSessionLogout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Said"];
                };
            };
        };
    };
    postSessionPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    getTokens: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Those with that role. */
                role?: components["schemas"]["Role"] | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiTokenList"];
                };
            };
        };
    };
    postTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiTokenChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenSaved"];
                };
            };
        };
    };
    getTokensById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiTokenAnswer"];
                };
            };
        };
    };
    putTokensById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiTokenChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenSaved"];
                };
            };
        };
    };
    deleteTokensById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    postTokensByIdRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenSaved"];
                };
            };
        };
    };
    getUsers: {
        parameters: {
            query?: {
                /** @description The most that are answered: 1 to 1000; 25 unless given. */
                limit?: number | null;
                /** @description How many are skipped before. */
                offset?: number | null;
                /** @description Those with that role. */
                role?: components["schemas"]["Role"] | null;
                /** @description A text that a name or an id must hold, in any case. */
                search?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
        };
    };
    postUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
        };
    };
    getUsersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
        };
    };
    putUsersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
        };
    };
    deleteUsersById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Problem"];
            "5XX": components["responses"]["Problem"];
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
        };
    };
}
