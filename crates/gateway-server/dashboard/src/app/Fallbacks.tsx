// What stands in the place of a page that is loading, broken, or not there.

import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { messageOf } from "../api/problem";
import { Empty, Loading, PageHeader, Problem } from "../parts";

export function PageLoading(): ReactElement {
  return <Loading label="Loading the page" lines={6} />;
}

export function PageFailed({ error, reset }: ErrorComponentProps): ReactElement {
  // After an update of the gateway, the pieces that an open tab knows are gone: only a reload finds the new ones.
  const outdated = /dynamically imported module|module script/i.test(messageOf(error));
  return outdated ? (
    <Empty
      title="The gateway was updated"
      action={
        <button type="button" className="button button-primary" onClick={() => window.location.reload()}>
          Reload
        </button>
      }
    >
      This page was loaded before. Reload it to go on.
    </Empty>
  ) : (
    <Problem title="This page failed" error={error} onRetry={reset} />
  );
}

export function PageUnknown(): ReactElement {
  return (
    <>
      <PageHeader title="There is no such page" />
      <Empty title="Nothing is at this address" action={<Link to="/overview">Go to the overview</Link>}>
        It may be mistyped, or from another version.
      </Empty>
    </>
  );
}
