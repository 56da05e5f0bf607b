import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { Button, Dialog, Empty, PageHeader } from "../../parts";
import { CodeDialog } from "./CodeDialog";
import { Composer } from "./Composer";
import { request, type Said } from "./conversation";
import "./page.css";
import { Setup } from "./Setup";
import { TurnView } from "./TurnView";
import { useChat } from "./useChat";

const route = getRouteApi("/playground");

export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const chat = useChat(search);
  const [showsCode, setShowsCode] = useState(false);
  const [editing, setEditing] = useState<Said & { id: number }>();
  const compare = () =>
    void navigate({
      search: (now) =>
        now.compare
          ? { ...now, compare: undefined, model2: undefined, key2: undefined }
          : { ...now, compare: true, model2: now.model2 ?? now.model, key2: now.key2 ?? now.key },
    });

  useEffect(() => {
    const stop = (event: KeyboardEvent) => {
      // Esc closes what is open before it stops a call.
      if (event.key === "Escape" && chat.running && !event.defaultPrevented) chat.stop();
    };
    window.addEventListener("keydown", stop);
    return () => window.removeEventListener("keydown", stop);
  }, [chat.running, chat.stop]);

  return (
    <div className="playground">
      <PageHeader
        title="Playground"
        about="Calls made here are real: they are booked on the key, within its limits, and stand in both logs."
        actions={
          <>
            <Button icon="api" onClick={() => setShowsCode(true)} disabled={!search.model}>
              Code
            </Button>
            <Button icon="columns" aria-pressed={search.compare ?? false} onClick={compare}>
              {search.compare ? "Stop comparing" : "Compare"}
            </Button>
            <Button icon="trash" onClick={chat.clear} disabled={chat.turns.length === 0}>
              Clear
            </Button>
          </>
        }
      />
      <div className="playground-halves">
        <Setup />
        <div className="playground-chat">
          {chat.turns.length === 0 ? (
            <Empty title={search.model ? `Say something to ${search.model}` : "Choose a model"} icon="playground">
              {search.compare
                ? "Both sides get the same prompt, and answer side by side."
                : "The answer comes as it is made, with its cost, its times and who gave it."}
            </Empty>
          ) : (
            <ol className="playground-turns" aria-label="Conversation">
              {chat.turns.map((turn) => (
                <TurnView
                  key={turn.id}
                  turn={turn}
                  search={search}
                  running={chat.running}
                  onRetry={() => chat.again(turn, turn.said)}
                  onEdit={() => {
                    setEditing({ ...turn.said, id: turn.id });
                    chat.cut(turn.id);
                  }}
                />
              ))}
            </ol>
          )}
          <Composer
            key={editing?.id ?? "new"}
            first={editing ?? { text: chat.turns.length === 0 ? (search.message ?? "") : "", images: [] }}
            running={chat.running}
            onStop={chat.stop}
            onSend={(said) => {
              setEditing(undefined);
              if (search.message) void navigate({ search: (now) => ({ ...now, message: undefined }), replace: true });
              chat.send(said);
            }}
          />
        </div>
      </div>
      <Dialog open={showsCode} onClose={() => setShowsCode(false)} title="The same call from an application" wide>
        <CodeDialog
          body={request(
            search,
            0,
            chat.turns.slice(0, -1),
            chat.turns.at(-1)?.said ?? { text: search.message ?? "Hello!", images: [] },
          )}
        />
      </Dialog>
    </div>
  );
}
