import type { ReactElement } from "react";
import { compact, money } from "../../lib/format";
import { KeyValue, Time } from "../../parts";
import { className, follows, inOrder, type ModelPrice, Rate, sourceOf, unitName } from "./price";

/** All that a model costs: every class of tokens, longer prompts, batches, other measures, prices that hold for a time. */
export function PriceTable({ price }: { price: ModelPrice }): ReactElement {
  const above = price.above ?? [];
  const batch = price.batch_per_million_tokens;
  const all = [price.per_million_tokens, batch, ...above.map((tier) => tier.per_million_tokens)];
  const named = inOrder(all.flatMap((rates) => Object.keys(rates ?? {})));
  const classes = named.filter((kind) => !follows(kind, all));
  const units = Object.entries(price.per_unit ?? {});
  const pictures = Object.entries(price.per_picture ?? {});
  return (
    <div className="stack">
      <p className="soft small">
        {price.status === "free" && "Costs nothing. "}
        {price.status === "unknown" && "No price is known. "}
        From: {sourceOf(price)}.
      </p>
      {classes.length > 0 && (
        <div className="table-scroll">
          <table className="table table-dense">
            <caption className="sr-only">Dollars per million tokens</caption>
            <thead>
              <tr>
                <th scope="col">Per million tokens</th>
                <th scope="col" className="end">
                  Usual
                </th>
                {above.map(({ tokens }) => (
                  <th key={tokens} scope="col" className="end">
                    {`Prompt > ${compact(tokens)}`}
                  </th>
                ))}
                {batch && (
                  <th scope="col" className="end">
                    Batch
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {classes.map((kind) => (
                <tr key={kind}>
                  <th scope="row">{className(kind)}</th>
                  <td className="end">
                    <Rate value={price.per_million_tokens?.[kind]} />
                  </td>
                  {above.map(({ tokens, per_million_tokens: rates }) => (
                    <td key={tokens} className="end">
                      <Rate value={rates[kind]} />
                    </td>
                  ))}
                  {batch && (
                    <td className="end">
                      <Rate value={batch[kind]} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {classes.length < named.length && (
        <p className="soft small">Every other class costs what input or output costs.</p>
      )}
      {units.length > 0 && (
        <KeyValue items={units.map(([measure, dollars]) => [`Per ${unitName(measure)}`, money(dollars)] as const)} />
      )}
      {pictures.length > 0 && (
        <KeyValue columns={2} items={pictures.map(([size, dollars]) => [`Picture ${size}`, money(dollars)] as const)} />
      )}
      {price.changes && price.changes.length > 0 && (
        <ul className="models-changes">
          {price.changes.map((change) => (
            <li key={`${change.from} ${change.until}`}>
              {change.from ? <Time value={change.from} as="day" /> : "always"} –{" "}
              {change.until ? <Time value={change.until} as="day" /> : "open end"}:{" "}
              {change.per_million_tokens
                ? inOrder(Object.keys(change.per_million_tokens))
                    .map((kind) => `${className(kind)} ${money(change.per_million_tokens?.[kind])}`)
                    .join(", ")
                : "not known"}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
