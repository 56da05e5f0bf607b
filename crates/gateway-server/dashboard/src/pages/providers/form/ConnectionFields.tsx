import type { ReactElement } from "react";
import type { Faults } from "../../../lib/faults";
import { Checkbox, Field, NumberInput, Select, TextArea, TextInput } from "../../../parts";
import type { ProviderKind } from "../health";
import { newHeader, type ProviderDraft } from "./draft";
import { Folded } from "./Folded";
import { Pairs } from "./Pairs";

export interface FieldsProps {
  draft: ProviderDraft;
  set: (change: Partial<ProviderDraft>) => void;
  faults: Faults;
  kind: ProviderKind | undefined;
}

/** Where the provider is. */
export function BaseUrl({ draft, set, faults, kind }: FieldsProps): ReactElement {
  const usual = kind?.base_url;
  return (
    <Field
      label="Base URL"
      optional={!kind?.needs_base_url}
      required={kind?.needs_base_url ?? false}
      error={faults.at["network_config.base_url"]}
      hint={usual ? `${usual} unless you say otherwise.` : "Where the server answers, with or without /v1 at the end."}
    >
      <TextInput
        mono
        type="url"
        value={draft.baseUrl}
        onChange={(baseUrl) => set({ baseUrl })}
        placeholder={usual ?? "http://host:8000"}
      />
    </Field>
  );
}

/** Timeouts, repetitions, headers, TLS and the way out: most people leave all of it as it is. */
export function AdvancedFields(props: FieldsProps): ReactElement {
  const { draft, set, faults, kind } = props;
  const network = (field: string) => faults.at[`network_config.${field}`];
  const has = (part: string) => Object.keys(faults.at).some((path) => path.startsWith(part));
  return (
    <>
      <Folded label="Timeouts and repetitions" open={has("network_config.retry") || has("network_config.max_")}>
        {kind && !kind.needs_base_url && !kind.self_hosted && <BaseUrl {...props} />}
        <div className="providers-two">
          <Field
            label="Head of a response within"
            hint="300 unless set."
            error={network("default_request_timeout_in_seconds")}
          >
            <NumberInput value={draft.timeout} onChange={(timeout) => set({ timeout })} unit="seconds" />
          </Field>
          <Field
            label="A stream may be silent for"
            hint="60 unless set."
            error={network("stream_idle_timeout_in_seconds")}
          >
            <NumberInput value={draft.idle} onChange={(idle) => set({ idle })} unit="seconds" />
          </Field>
          <Field
            label="Repeat on the same key"
            hint="0 unless set: the next provider is tried instead."
            error={network("max_retries")}
          >
            <NumberInput value={draft.retries} onChange={(retries) => set({ retries })} unit="times" />
          </Field>
          <Field
            label="Connections at the most"
            hint="5000 for each worker unless set."
            error={network("max_conns_per_host")}
          >
            <NumberInput value={draft.connections} onChange={(connections) => set({ connections })} />
          </Field>
          <Field label="First pause" hint="500 unless set." error={network("retry_backoff_initial")}>
            <NumberInput value={draft.backoffFirst} onChange={(backoffFirst) => set({ backoffFirst })} unit="ms" />
          </Field>
          <Field label="Longest pause" hint="5000 unless set." error={network("retry_backoff_max")}>
            <NumberInput value={draft.backoffMost} onChange={(backoffMost) => set({ backoffMost })} unit="ms" />
          </Field>
        </div>
      </Folded>
      <Folded
        label="Headers, TLS and HTTP"
        open={has("network_config.extra_headers") || has("network_config.ca_cert_pem")}
      >
        <Pairs
          legend="Headers added to every request"
          value={draft.headers.map(({ name, value }) => [name, value])}
          onChange={(headers) =>
            set({
              headers: headers.map(([name, value], at) => {
                const had = draft.headers[at];
                return had ? { ...had, name, value } : newHeader(name, value);
              }),
            })
          }
          names={["name", "value"]}
          add="Add a header"
          hint={Object.entries(faults.at)
            .filter(([path]) => path.startsWith("network_config.extra_headers"))
            .map(([path, words]) => `${path}: ${words}`)
            .join("; ")}
        />
        <Field label="Further certificate authorities" optional hint="PEM." error={network("ca_cert_pem")}>
          <TextArea
            mono
            rows={3}
            value={draft.ca}
            onChange={(ca) => set({ ca })}
            placeholder="-----BEGIN CERTIFICATE-----"
          />
        </Field>
        <Checkbox
          checked={draft.skipVerify}
          onChange={(skipVerify) => set({ skipVerify })}
          label="Take any certificate"
          hint="For tests and broken appliances: whoever is in between can read and change everything."
        />
        <Checkbox checked={draft.http2} onChange={(http2) => set({ http2 })} label="Speak HTTP/2 only" />
        <Checkbox
          checked={draft.linkLocal}
          onChange={(linkLocal) => set({ linkLocal })}
          label="Allow link-local and cloud metadata addresses"
        />
      </Folded>
      <Folded label="Proxy and prices" open={has("proxy_config")}>
        <ProxyFields {...props} />
        <Field
          label="What tokens cost"
          hint={kind?.self_hosted ? "Nothing, as it is self-hosted, unless you say otherwise." : undefined}
        >
          <Select
            value={draft.pricing}
            onChange={(pricing) => set({ pricing })}
            options={[
              { value: "usual", label: "As usual for its kind" },
              { value: "free", label: "Nothing" },
              { value: "catalogue", label: "What the catalogue says" },
            ]}
          />
        </Field>
      </Folded>
    </>
  );
}

function ProxyFields({ draft, set, faults }: FieldsProps) {
  const server = draft.proxy === "http" || draft.proxy === "socks5";
  return (
    <>
      <Field label="The way out" error={faults.at["proxy_config.type"]}>
        <Select
          value={draft.proxy}
          onChange={(proxy) => set({ proxy })}
          options={[
            { value: "none", label: "Straight" },
            { value: "http", label: "An HTTP proxy" },
            { value: "socks5", label: "A SOCKS5 proxy" },
            { value: "environment", label: "What HTTPS_PROXY or HTTP_PROXY says" },
          ]}
        />
      </Field>
      {server && (
        <>
          <Field label="Proxy" required error={faults.at["proxy_config.url"]}>
            <TextInput
              mono
              value={draft.proxyUrl}
              onChange={(proxyUrl) => set({ proxyUrl })}
              placeholder={draft.proxy === "http" ? "http://proxy:3128" : "socks5://proxy:1080"}
            />
          </Field>
          <div className="providers-two">
            <Field label="User" optional>
              <TextInput value={draft.proxyUser} onChange={(proxyUser) => set({ proxyUser })} />
            </Field>
            <Field label="Password" optional hint="May be env.NAME.">
              <TextInput
                type={draft.proxyPassword.startsWith("env.") ? "text" : "password"}
                autoComplete="new-password"
                value={draft.proxyPassword}
                onChange={(proxyPassword) => set({ proxyPassword })}
              />
            </Field>
          </div>
        </>
      )}
    </>
  );
}
