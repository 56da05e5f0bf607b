// The API's types that this page is made of.

import type { components } from "../../api/client";

type Schemas = components["schemas"];

export type LogRow = Schemas["LogRow"];
export type LogDetail = Schemas["LogDetail"];
export type LogAttempt = Schemas["LogAttempt"];
export type LogBill = Schemas["LogBill"];
export type Conversation = Schemas["Conversation"];
export type ChatMessage = Schemas["ChatMessage"];
export type ChatPart = Schemas["ChatPart"];
export type ChatMedia = Schemas["ChatMedia"];
export type FilterData = Schemas["FilterData"];
export type LogPage = Schemas["LogPage"];
export type PlannedCandidate = Schemas["PlannedCandidate"];
export type BilledAttempt = Schemas["BilledAttempt"];
export type BilledAmount = Schemas["BilledAmount"];
export type Loss = Schemas["Loss"];
