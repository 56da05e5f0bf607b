// The API for people: what /api/openapi.json says, to search, read and copy.

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { query } from "../../api/client";
import { plural } from "../../lib/format";
import { Badge, Empty, FilterBar, Loading, PageHeader, Problem, SearchInput, Segments } from "../../parts";
import { type ApiDocument, type Group, groups, operationsOf, type Part, partOf } from "./document";
import { OperationRow } from "./OperationRow";
import { lookupIn } from "./schema";
import "./page.css";

const route = getRouteApi("/api");

const PARTS: { value: Part; label: string }[] = [
  { value: "management", label: "Management" },
  { value: "inference", label: "Inference" },
];

export default function Page(): ReactNode {
  const answer = useQuery({ ...query("/api/openapi.json"), staleTime: Number.POSITIVE_INFINITY });
  const document = answer.data as ApiDocument | undefined;
  return (
    <>
      <PageHeader
        title="API"
        about="Everything that this dashboard does can be done by these calls."
        actions={
          <>
            {document && <Badge>version {document.info.version}</Badge>}
            <a className="button button-small" href="/api/openapi.json" target="_blank" rel="noreferrer">
              OpenAPI document
            </a>
          </>
        }
      />
      {answer.isPending && <Loading label="Loading the document of the API" lines={8} />}
      {answer.error && <Problem error={answer.error} onRetry={() => void answer.refetch()} />}
      {document && <Reference document={document} />}
    </>
  );
}

function Reference({ document }: { document: ApiDocument }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const operations = useMemo(() => operationsOf(document), [document]);
  const lookup = useMemo(() => lookupIn(document), [document]);
  const open = operations.find((one) => one.id === search.op);
  const part = search.part ?? (open ? partOf(open.path) : "management");
  const found = useMemo(() => groups(operations, part, search.q ?? ""), [operations, part, search.q]);
  const total = found.reduce((sum, group) => sum + group.operations.length, 0);
  return (
    <div className="stack">
      <FilterBar>
        <SearchInput
          label="Search paths and summaries"
          value={search.q ?? ""}
          onChange={(q) => void navigate({ search: (now) => ({ ...now, q: q || undefined }), replace: true })}
        />
        <Segments
          label="Which half of the API"
          value={part}
          onChange={(value) => void navigate({ search: (now) => ({ ...now, part: value, op: undefined }) })}
          options={PARTS}
        />
        <span className="soft small" role="status">
          {plural(total, "operation")}
        </span>
      </FilterBar>
      <div className="api-columns">
        <Contents found={found} />
        <div className="stack api-groups">
          {found.map((group) => (
            <section
              key={group.tag}
              className="card api-group"
              id={anchor(group)}
              aria-labelledby={`${anchor(group)}-title`}
            >
              <h2 id={`${anchor(group)}-title`}>{words(group.tag)}</h2>
              <ul>
                {group.operations.map((operation) => (
                  <li key={operation.id}>
                    <OperationRow
                      operation={operation}
                      lookup={lookup}
                      open={operation.id === search.op}
                      onToggle={(op) =>
                        void navigate({ search: (now) => ({ ...now, op }), replace: true, resetScroll: false })
                      }
                    />
                  </li>
                ))}
              </ul>
            </section>
          ))}
          {total === 0 && (
            <Empty title="No operation of that name" icon="search">
              Search for a part of a path, a method, or a word of a summary.
            </Empty>
          )}
        </div>
      </div>
    </div>
  );
}

function Contents({ found }: { found: Group[] }) {
  return (
    <nav className="api-contents" aria-label="Parts of the API">
      <ul>
        {found.map((group) => (
          <li key={group.tag}>
            <button type="button" onClick={() => goTo(anchor(group))}>
              {words(group.tag)} <span className="faint">{group.operations.length}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function goTo(id: string): void {
  const section = window.document.getElementById(id);
  section?.scrollIntoView({ block: "start" });
  section?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
}

function anchor(group: Group): string {
  return `api-${group.tag.replaceAll(/[^a-z0-9]+/gi, "-")}`;
}

/** `audit-logs` → `Audit logs`. */
function words(tag: string): string {
  const text = tag.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
