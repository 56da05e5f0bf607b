import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactElement, useDeferredValue } from "react";
import { api, call } from "../../api/client";
import { messageOf } from "../../api/problem";
import type { OverrideChange } from "./override";
import { className, follows, inOrder, type ModelPrice, overrideOf, priceOf, Rate, sourceOf } from "./price";

export interface PreviewProps {
  /** The override as it would be saved. */
  body: OverrideChange;
  /** The id that it has, where it is there. */
  id: string | undefined;
  provider: string;
  model: string;
}

/** What a model costs now, and would cost then. */
export function Preview({ body, id, provider, model }: PreviewProps): ReactElement {
  const asked = useDeferredValue(JSON.stringify({ provider, model, override: { ...body, ...(id && { id }) } }));
  const preview = useQuery({
    queryKey: ["/api/models/prices/preview", asked],
    queryFn: () => call(api.POST("/api/models/prices/preview", { body: JSON.parse(asked) })),
    // Without a price of the prompt there is nothing to show: it is asked for.
    enabled: provider !== "" && model !== "" && "input_cost_per_token" in body,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!provider || !model) {
    return <p className="soft small">Open a model, or name a provider and one model, to see what it would cost.</p>;
  }
  const { now, then } = preview.data ?? {};
  const rates = [now?.per_million_tokens, then?.per_million_tokens];
  const named = inOrder(["input", "output", ...rates.flatMap((one) => Object.keys(one ?? {}))]);
  const kinds = named.filter((kind) => !follows(kind, rates));
  return (
    <section aria-label="Effective price" className="models-preview" aria-live="polite">
      <h3>
        What <span className="mono wrap-anywhere">{`${provider}/${model}`}</span> costs
      </h3>
      {!("input_cost_per_token" in body) && <p className="soft small">Say at least what input costs to see it.</p>}
      {preview.error && (
        <p className="soft small">{messageOf(preview.error).replace(/^pricing override `[^`]*`: /i, "")}</p>
      )}
      {now && then && !preview.error && "input_cost_per_token" in body && (
        <>
          <table className="table table-dense">
            <caption className="sr-only">Dollars per million tokens now and then</caption>
            <thead>
              <tr>
                <th scope="col">Per million tokens</th>
                <th scope="col" className="end">
                  Now
                </th>
                <th scope="col" className="end">
                  Then
                </th>
              </tr>
            </thead>
            <tbody>
              {kinds.map((kind) => (
                <tr key={kind}>
                  <th scope="row">{className(kind)}</th>
                  <td className="end">
                    <Rate value={priceOf(now, kind)} />
                  </td>
                  <td className="end">
                    <Rate value={priceOf(then, kind)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="soft small">{`Now from: ${sourceOf(now)}. Then from: ${holds(then, id)}.`}</p>
        </>
      )}
    </section>
  );
}

/** Who would say what it costs. One that is not saved yet is called `preview`. */
function holds(then: ModelPrice, id: string | undefined): string {
  if (overrideOf(then) === (id ?? "preview")) return "this price";
  return `${sourceOf(then)}, as this one does not fit the model, or the other goes before it`;
}
