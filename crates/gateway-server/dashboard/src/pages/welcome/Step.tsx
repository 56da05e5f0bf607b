import type { ReactElement, ReactNode } from "react";
import { Icon } from "../../parts";

export interface StepProps {
  number: number;
  title: string;
  done: boolean;
  /** What is there, once it is done. */
  summary: ReactNode;
  children: ReactNode;
}

/** One of the steps, with a tick once the gateway shows that it is done. */
export function Step({ number, title, done, summary, children }: StepProps): ReactElement {
  return (
    <li className="card welcome-step">
      <span className={done ? "welcome-mark welcome-mark-done" : "welcome-mark"} aria-hidden="true">
        {done ? <Icon name="check" /> : number}
      </span>
      <div className="stack welcome-body">
        <div>
          <h2>
            {title}
            {done && <span className="sr-only"> (done)</span>}
          </h2>
          {done && <p className="soft small">{summary}</p>}
        </div>
        {children}
      </div>
    </li>
  );
}
