import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useState } from "react";
import { query } from "../../api/client";
import { useMay } from "../../app/session";
import { plural } from "../../lib/format";
import { Button, PageHeader } from "../../parts";
import { AddKey } from "../keys/AddKey";
import { Snippets } from "../keys/Snippets";
import type { VirtualKey } from "../keys/types";
import { ValueOnce } from "../keys/ValueOnce";
import { AddProvider } from "../providers/AddProvider";
import { Offers } from "../providers/Offers";
import { FirstCall } from "./FirstCall";
import "./page.css";
import { Step } from "./Step";

const route = getRouteApi("/welcome");

/** Three steps from an empty gateway to the first call. What is done is read from the gateway, never remembered. */
export default function Page(): ReactNode {
  const [made, setMade] = useState<VirtualKey>();
  const providers = useQuery({ ...query("/api/providers"), refetchInterval: 10_000 });
  const keys = useQuery(query("/api/governance/virtual-keys", { params: { query: { limit: 1 } } }));
  const hasProvider = (providers.data?.total ?? 0) > 0;
  const hasKey = (keys.data?.total_count ?? 0) > 0;
  const names = providers.data?.providers.map((provider) => provider.name) ?? [];
  return (
    <div className="stack welcome">
      <PageHeader
        title="Welcome"
        about="Three steps to the first call. You can leave at any time and come back."
        actions={
          <Link to="/overview" search={{ range: "24h" }}>
            Go to the overview
          </Link>
        }
      />
      <ol className="welcome-steps">
        <Step
          number={1}
          title="Add a provider"
          done={hasProvider}
          summary={`${plural(names.length, "provider")}: ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""}`}
        >
          <Provider names={names} />
        </Step>
        <Step
          number={2}
          title="Create a virtual key"
          done={hasKey}
          summary={`${plural(keys.data?.total_count ?? 0, "key")}. Applications present it instead of a provider's key.`}
        >
          <Key made={made} onMade={setMade} another={hasKey} />
        </Step>
        <FirstCall ready={hasProvider}>
          {made ? <Snippets of={made} value={made.value ?? undefined} /> : <Known />}
        </FirstCall>
      </ol>
    </div>
  );
}

function Provider({ names }: { names: readonly string[] }): ReactElement {
  const { add } = route.useSearch();
  const navigate = route.useNavigate();
  const { why } = useMay("operator");
  const open = (kind: string | undefined) => void navigate({ search: kind ? { add: kind } : {}, replace: true });
  return (
    <div className="stack">
      <p className="soft">
        A cloud needs a key, a server of your own its address. Clouds whose usual variable is set where the gateway runs
        are there already.
      </p>
      <Offers />
      <div className="row">
        <Button
          kind={names.length > 0 ? "plain" : "primary"}
          icon="plus"
          disabledBecause={why}
          onClick={() => open("choose")}
        >
          {names.length > 0 ? "Add another provider" : "Add a provider"}
        </Button>
      </div>
      {add && (
        <AddProvider
          chosen={add}
          taken={names}
          onChoose={open}
          onClose={() => open(undefined)}
          onDone={() => open(undefined)}
        />
      )}
    </div>
  );
}

interface KeyProps {
  made: VirtualKey | undefined;
  onMade: (key: VirtualKey) => void;
  another: boolean;
}

function Key({ made, onMade, another }: KeyProps): ReactElement {
  const [adding, setAdding] = useState(false);
  const [told, setTold] = useState(false);
  const { why } = useMay("operator");
  return (
    <div className="stack">
      <p className="soft">Give it a budget, and no mistake of a program costs more than that.</p>
      <div className="row">
        <Button kind={another ? "plain" : "primary"} icon="plus" disabledBecause={why} onClick={() => setAdding(true)}>
          {another ? "Create another key" : "Create a key"}
        </Button>
      </div>
      {adding && (
        <AddKey
          onClose={() => setAdding(false)}
          onMade={(key) => {
            onMade(key);
            setAdding(false);
            setTold(true);
          }}
        />
      )}
      {told && made && <ValueOnce made={made} how="created" onClose={() => setTold(false)} />}
    </div>
  );
}

/** Snippets for a key whose value is not shown any more. */
function Known(): ReactElement {
  const keys = useQuery(query("/api/governance/virtual-keys", { params: { query: { limit: 1 } } }));
  const [first] = keys.data?.virtual_keys ?? [];
  if (!first) return <p className="soft">Create a key first: its snippets appear here.</p>;
  return <Snippets of={first} />;
}
