import { getRouteApi } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { useMay } from "../../app/session";
import { bytes } from "../../lib/format";
import { Button, IconButton, TextArea, toast } from "../../parts";
import { type Said, toolsOf } from "./conversation";

const route = getRouteApi("/playground");

/** The most that all images of a message may have together: they travel as text, a third longer. */
const MOST_BYTES = 5_000_000;

/** Where one writes. Ctrl or Cmd and Enter sends. */
export function Composer({
  first,
  running,
  onSend,
  onStop,
}: {
  first: Said;
  running: boolean;
  onSend: (said: Said) => void;
  onStop: () => void;
}): ReactNode {
  const [text, setText] = useState(first.text);
  const [images, setImages] = useState(first.images);
  const files = useRef<HTMLInputElement>(null);
  const why = useWhyNot(text, images);
  const send = () => {
    if (why || running) return;
    onSend({ text, images });
    setText("");
    setImages([]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      send();
    }
  };
  const attach = async (chosen: FileList | null) => {
    const read = await Promise.all([...(chosen ?? [])].map(dataUrl));
    const all = [...images, ...read];
    const size = all.reduce((sum, url) => sum + url.length * 0.75, 0);
    if (size > MOST_BYTES)
      return toast.bad(`Images may have ${bytes(MOST_BYTES)} together; these have ${bytes(size)}.`);
    setImages(all);
  };
  return (
    <div className="playground-composer">
      {images.length > 0 && (
        <ul className="playground-images" aria-label="Images">
          {images.map((url, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an image is told by its place
            <li key={index}>
              <img src={url} alt={`Attachment ${index + 1}`} />
              <IconButton
                size="small"
                icon="close"
                label={`Remove image ${index + 1}`}
                onClick={() => setImages(images.filter((_, at) => at !== index))}
              />
            </li>
          ))}
        </ul>
      )}
      <TextArea
        rows={3}
        aria-label="Message"
        value={text}
        onChange={setText}
        onKeyDown={onKeyDown}
        placeholder="Say something…"
      />
      <div className="playground-send">
        <input
          ref={files}
          type="file"
          accept="image/*"
          multiple
          hidden
          onChange={(event) => {
            void attach(event.target.files);
            event.target.value = "";
          }}
        />
        <Button size="small" icon="upload" onClick={() => files.current?.click()}>
          Add image
        </Button>
        <span className="soft small playground-keys">{running ? "Esc stops" : "Ctrl or ⌘ + Enter sends"}</span>
        {running ? (
          <Button kind="danger" icon="stop" onClick={onStop}>
            Stop
          </Button>
        ) : (
          <Button kind="primary" icon="send" onClick={send} disabledBecause={why}>
            Send
          </Button>
        )}
      </div>
    </div>
  );
}

/** Why nothing can be sent, where that is so. */
function useWhyNot(text: string, images: string[]): string | undefined {
  const { why } = useMay("operator");
  const search = route.useSearch();
  if (why) return why;
  if (!search.model) return "Choose a model first.";
  if (search.compare && !search.model2) return "Choose a model for the right side too.";
  if (typeof toolsOf(search.tools) === "string") return "The tools are not right yet.";
  return text.trim() || images.length > 0 ? undefined : "Write something first.";
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
