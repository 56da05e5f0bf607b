import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { type DragEvent, type ReactNode, useState } from "react";
import { percent } from "../../lib/format";
import { Badge, Icon, IconButton, Menu, Switch } from "../../parts";
import type { Rule } from "./rules";
import { Sentence } from "./Sentence";
import { shares } from "./sentence";

export interface RuleRowProps {
  rule: Rule;
  /** Where it stands in its scope. */
  place: number;
  /** Rules change places within their group. */
  group: string;
  onUp?: () => void;
  onDown?: () => void;
  /** Another one of the group is dropped here: where it stood. */
  onDrop: (from: number) => void;
  onOpen: () => void;
  onEnable: (enabled: boolean) => void;
  onDelete: () => void;
  disabledBecause: string | undefined;
}

/** What is dragged, as long as something is: a drag does not tell its data before it ends. */
let dragged: { group: string; place: number } | undefined;

/** A rule as a sentence, with all that can be done to it. */
export function RuleRow(props: RuleRowProps): ReactNode {
  const { rule, place, group, onUp, onDown, onDrop, onOpen, onEnable, onDelete } = props;
  const [over, setOver] = useState(false);
  const ofFile = rule.origin.startsWith("file");
  const why = props.disabledBecause ?? (ofFile ? `It is declared by ${rule.origin}. Change it there.` : undefined);
  const accepts = (event: DragEvent) => {
    if (dragged?.group !== group || dragged.place === place) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    <li
      className={clsx("routing-rule", !rule.enabled && "routing-off", over && "routing-over")}
      onDragOver={accepts}
      onDragLeave={() => setOver(false)}
      onDrop={() => {
        setOver(false);
        if (dragged) onDrop(dragged.place);
      }}
    >
      <div className="routing-place">
        <span
          className={clsx("routing-handle", (why || (!onUp && !onDown)) && "routing-fixed")}
          draggable={!why && Boolean(onUp || onDown)}
          onDragStart={(event) => {
            dragged = { group, place };
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", rule.name);
          }}
          onDragEnd={() => {
            dragged = undefined;
          }}
          aria-hidden="true"
        >
          <Icon name="drag" />
        </span>
        <span className="routing-number">{place + 1}</span>
        <span className="routing-arrows">
          <IconButton
            size="small"
            icon="up"
            label={`Ask “${rule.name}” earlier`}
            disabled={!onUp}
            disabledBecause={onUp && why}
            onClick={onUp}
          />
          <IconButton
            size="small"
            icon="down"
            label={`Ask “${rule.name}” later`}
            disabled={!onDown}
            disabledBecause={onDown && why}
            onClick={onDown}
          />
        </span>
      </div>
      <div className="routing-what">
        <div className="row">
          <button type="button" className="routing-name" onClick={onOpen}>
            {rule.name}
          </button>
          {!rule.enabled && <Badge>Disabled</Badge>}
          {ofFile && <Badge tone="info">From file</Badge>}
          {rule.description && <span className="soft small">{rule.description}</span>}
        </div>
        <Sentence rule={rule} />
        {rule.targets.length > 1 && <Shares rule={rule} />}
        {rule.warnings?.map((warning) => (
          <p key={warning} className="routing-warning small">
            <Icon name="warn" /> {warning}
          </p>
        ))}
      </div>
      <div className="routing-tools">
        <Switch
          checked={rule.enabled}
          onChange={onEnable}
          label={`“${rule.name}” is in force`}
          hideLabel
          disabled={why !== undefined}
        />
        <Menu
          trigger={<IconButton icon="more" label={`Actions for “${rule.name}”`} />}
          items={[
            { label: why ? "Look at it" : "Edit", icon: why ? "eye" : "edit", onSelect: onOpen },
            { label: "Delete", icon: "trash", danger: true, onSelect: onDelete, disabledBecause: why },
          ]}
        />
        <Link
          to="/logs"
          search={{ rule: [rule.id] }}
          className="button button-quiet button-small button-icon"
          aria-label={`Calls that “${rule.name}” sent`}
          title="Calls that it sent"
        >
          <Icon name="logs" />
        </Link>
      </div>
    </li>
  );
}

/** The split of a rule's targets as a bar; the sentence has it in words. */
function Shares({ rule }: { rule: Rule }) {
  return (
    <div className="routing-bar" aria-hidden="true">
      {shares(rule.targets).map((share, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a target is told by its place
        <span key={index} className={`series-${(index % 8) + 1}`} style={{ width: percent(share, 3) }} />
      ))}
    </div>
  );
}
