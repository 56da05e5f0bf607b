import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { api, call, query, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { plural } from "../../lib/format";
import { Button, Icon } from "../../parts";
import { useKinds } from "./kinds";

/** Servers that were noticed on the gateway's machine; nothing where there are none. */
export function Offers(): ReactElement | null {
  const offers = useQuery({ ...query("/api/offers"), refetchInterval: 30_000 });
  const navigate = useNavigate();
  const { why } = useMay("operator");
  const { title } = useKinds();
  const accept = useChange(
    (offer: string) => call(api.POST("/api/offers/{offer}/accept", { params: { path: { offer } } })),
    {
      refreshes: ["/api/offers", "/api/providers", "/api/models"],
      says: (provider) => `${provider.name} is added and takes calls`,
      done: ({ name }) => void navigate({ to: "/providers/$name", params: { name } }),
    },
  );
  if (!offers.data?.offers.length) return null;
  return (
    <ul className="providers-offers" aria-label="Servers noticed on this machine">
      {offers.data.offers.map((offer) => (
        <li key={offer.name} className="providers-offer">
          <Icon name="bolt" />
          <div className="providers-offer-text">
            <p>
              {title(offer.kind)} answers at <code>{offer.base_url}</code>
            </p>
            <p className="soft small">
              {plural(offer.models.length, "model")}
              {offer.models.length > 0 &&
                `: ${offer.models.slice(0, 3).join(", ")}${offer.models.length > 3 ? ", …" : ""}`}
              . It takes no call until you add it.
            </p>
          </div>
          <Button
            size="small"
            icon="plus"
            disabledBecause={why}
            busy={accept.isPending && accept.variables === offer.name}
            onClick={() => accept.mutate(offer.name)}
          >
            Add
          </Button>
        </li>
      ))}
    </ul>
  );
}
