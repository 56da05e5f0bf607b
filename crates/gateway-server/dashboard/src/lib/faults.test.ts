import { describe, expect, it } from "vitest";
import { faultsAt, faultsIn, unshown } from "./faults";

describe("faults of fields", () => {
  it("finds every field that a message speaks of", () => {
    const faults = faultsIn(
      "`budgets[0].max_limit`: -1 is no budget; write dollars, 0 or more; `expires_at`: `soon` is no time",
    );
    expect(faults.at).toEqual({
      "budgets[0].max_limit": "-1 is no budget; write dollars, 0 or more",
      expires_at: "`soon` is no time",
    });
    expect(faults.rest).toBe("");
  });

  it("takes fields with and without a colon, and with the document's name", () => {
    expect(faultsIn("`name` is missing: a name for the key").at).toEqual({ name: "Is missing: a name for the key" });
    expect(faultsIn("`rate_limit.request_burst` of team `core`: 9 is no burst of 5").at).toEqual({
      "rate_limit.request_burst": "9 is no burst of 5",
    });
  });

  it("keeps what names no field", () => {
    expect(faultsIn("team `a` is used by virtual key `b`: take them out of it first").rest).toContain("used by");
    expect(faultsIn(undefined).rest).toBe("");
  });

  it("hands faults down, and tells what nobody shows", () => {
    const faults = faultsIn("`provider_configs[1].budgets[0].reset_duration`: `5x` is not a duration; `id`: taken");
    const inner = faultsAt(faults, "provider_configs[1]");
    expect(faultsAt(inner, "budgets[0]").at).toEqual({ reset_duration: "`5x` is not a duration" });
    expect(faultsAt(faultsAt(faults, "provider_configs"), "[1]").at).toHaveProperty("budgets[0].reset_duration");
    expect(unshown(faults, ["provider_configs"])).toBe("id: Taken");
  });
});
