// An open row as a page of its own, on a phone.

import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Icon, Loading, PageHeader, Problem } from "../../../parts";
import { useNames } from "../names";
import { About, Title } from "./Head";
import { Row } from "./Row";
import { useRow } from "./useRow";

const route = getRouteApi("/logs");

export function RowPage({ id }: { id: string }): ReactElement {
  const { data, error, refetch } = useRow(id);
  const names = useNames();
  const search = route.useSearch();
  return (
    <div className="stack">
      <Link to="/logs" search={{ ...search, view: undefined }} className="logs-back">
        <Icon name="left" size={14} /> All rows
      </Link>
      <PageHeader title={data ? <Title row={data} /> : "Log entry"} about={data && <About row={data} />} />
      {data ? (
        <Row key={id} row={data} names={names} />
      ) : error ? (
        <Problem error={error} title="This row could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <Loading label="Loading the row" lines={8} />
      )}
    </div>
  );
}
