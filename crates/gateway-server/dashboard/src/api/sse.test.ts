import { describe, expect, it } from "vitest";
import { eventReader, type ServerEvent } from "./sse";

const FEED = 'retry: 2000\n\nevent: log\ndata: {"a":1}\n\n: alive\n\ndata: one\ndata: two\r\n\r\nevent: cut\ndata: off';

const EVENTS: ServerEvent[] = [
  { event: "log", data: '{"a":1}' },
  { event: "message", data: "one\ntwo" },
];

describe("server-sent events", () => {
  it("are the same wherever the feed is cut", () => {
    for (let at = 0; at <= FEED.length; at += 1) {
      const read = eventReader();
      expect([...read(FEED.slice(0, at)), ...read(FEED.slice(at))]).toEqual(EVENTS);
    }
  });

  it("come as soon as they are whole", () => {
    const read = eventReader();
    expect(read("data: x\n")).toEqual([]);
    expect(read("\n")).toEqual([{ event: "message", data: "x" }]);
  });
});
