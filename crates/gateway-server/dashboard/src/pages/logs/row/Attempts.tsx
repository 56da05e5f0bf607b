// The attempts of a request as a waterfall: what was waited for, what came, and what the gateway did itself.

import clsx from "clsx";
import type { ReactElement } from "react";
import { duration } from "../../../lib/format";
import { Status } from "../../../parts";
import type { LogDetail } from "../types";
import { type Bar, type Piece, reason, type Waterfall, waterfall } from "../waterfall";

export function Attempts({ row }: { row: LogDetail }): ReactElement {
  const drawn = waterfall(row);
  return (
    <div className="logs-waterfall">
      <Scale drawn={drawn} />
      <ol aria-label={`Attempts over ${duration(drawn.whole)}`}>
        {drawn.bars.map((bar, at) => (
          <Attempt
            // biome-ignore lint/suspicious/noArrayIndexKey: attempts have nothing else that tells them apart, and never change
            key={at}
            bar={bar}
            firstContent={at === drawn.bars.length - 1 ? drawn.firstContent : undefined}
            row={row}
          />
        ))}
        <li className="logs-attempt">
          <div className="logs-attempt-name soft">
            {drawn.bars.length === 0 ? "No attempt was made" : "Gateway"}
            <span className="small"> {duration(total(drawn.own))} of its own</span>
          </div>
          <Track pieces={drawn.own} tone="muted" label={`The gateway's own time, ${duration(total(drawn.own))}`} />
        </li>
      </ol>
      <p className="logs-legend small soft" aria-hidden="true">
        <span className="logs-key logs-key-waiting" /> waiting for the answer
        <span className="logs-key logs-key-receiving" /> receiving it
        <span className="logs-key logs-key-own" /> gateway
        {drawn.firstContent !== undefined && (
          <>
            <span className="logs-key logs-key-first" /> first token
          </>
        )}
      </p>
    </div>
  );
}

function Scale({ drawn }: { drawn: Waterfall }) {
  return (
    <div className="logs-scale" aria-hidden="true">
      {drawn.ticks.map(({ at, milliseconds }) => (
        <span key={milliseconds} style={{ left: `${at * 100}%` }} className={clsx(at > 0.92 && "logs-tick-last")}>
          {duration(milliseconds)}
        </span>
      ))}
    </div>
  );
}

function Attempt({ bar, firstContent, row }: { bar: Bar; firstContent: number | undefined; row: LogDetail }) {
  const { attempt, words, tone, pieces } = bar;
  const streams = row.stream && attempt.ended - attempt.started - attempt.latency > 0.001;
  const spent = streams ? attempt.ended - attempt.started : attempt.latency;
  return (
    <li className="logs-attempt">
      <div className="logs-attempt-name">
        <span>
          {bar.number !== undefined && <span className="faint">{bar.number}. </span>}
          <strong>{attempt.provider}</strong> <span className="soft">{attempt.model}</span>
        </span>
        <span className="small soft">
          {reason(attempt)}
          {tone !== "muted" && ` · ${duration(spent)}`}
          {streams && ` · first token after ${duration(row.time_to_first_token)}`}
        </span>
      </div>
      {pieces.length > 0 && (
        <Track
          pieces={pieces}
          tone={tone}
          firstContent={firstContent}
          label={`Began after ${duration(attempt.started)}, took ${duration(spent)}`}
        />
      )}
      <div className="logs-attempt-end">
        <Status tone={tone}>{words}</Status>
        {attempt.message && <span className="small soft wrap-anywhere">{attempt.message}</span>}
      </div>
    </li>
  );
}

interface TrackProps {
  pieces: readonly Piece[];
  tone: Bar["tone"];
  firstContent?: number | undefined;
  label: string;
}

function Track({ pieces, tone, firstContent, label }: TrackProps) {
  return (
    <div className="logs-track" role="img" aria-label={label}>
      {pieces.map(({ kind, from, width, milliseconds }) => (
        <span
          key={from}
          className={clsx("logs-piece", `logs-piece-${kind}`, `logs-piece-${tone}`)}
          style={{ left: `${from * 100}%`, width: `${width * 100}%` }}
          title={`${KINDS[kind]}: ${duration(milliseconds)}`}
        />
      ))}
      {firstContent !== undefined && (
        <span className="logs-first" style={{ left: `${firstContent * 100}%` }} title="First token" />
      )}
    </div>
  );
}

const KINDS = { own: "Gateway", waiting: "Waiting for the answer", receiving: "Receiving it" } as const;

function total(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.milliseconds, 0);
}
