import { describe, expect, it } from "vitest";
import { type Deployment, type Provider, standingOf } from "./health";

const provider = {
  name: "openai",
  provider_status: "active",
  discovery: { status: "known", models: 2, at: null, error: null },
} as Provider;

function deployment(condition: Deployment["condition"], words: string, failures = 0): Deployment {
  return {
    deployment: { provider: "openai", model: "m", key: "k" },
    condition,
    words,
    calls: 10,
    failures,
  } as Deployment;
}

describe("how a provider stands", () => {
  it("is disabled whatever else is known", () => {
    const off = { ...provider, provider_status: "disabled" } as Provider;
    expect(standingOf(off, [deployment("broken", "failed")]).word).toBe("Disabled");
  });

  it("tells a provider that is down from one that is partly down", () => {
    const broken = deployment("broken", "failed, and is left alone for a while");
    expect(standingOf(provider, [broken])).toMatchObject({ tone: "bad", word: "Down" });
    const standing = standingOf(provider, [broken, deployment("ready", "answers")]);
    expect(standing).toMatchObject({ tone: "warn", word: "Partly down" });
    expect(standing.why).toContain("1 of 2 deployments");
  });

  it("speaks of failures among calls that are answered", () => {
    expect(standingOf(provider, [deployment("ready", "answers", 1)]).why).toContain("10%");
    expect(standingOf(provider, [deployment("ready", "answers")]).word).toBe("Healthy");
  });

  it("does not take other providers' deployments for its own", () => {
    const other = {
      ...deployment("broken", "failed"),
      deployment: { provider: "x", model: "m", key: "k" },
    } as Deployment;
    expect(standingOf(provider, [other]).word).toBe("Ready");
  });
});
