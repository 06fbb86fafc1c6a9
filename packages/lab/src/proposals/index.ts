/**
 * Every proposal that the lab runs, in the order in which it is shown.
 * @module
 */
import type { Proposal } from '../proposal.ts';
import { arleasRetrospective } from './arleas-retrospective.ts';
import { baseline } from './baseline.ts';
import { behaviourDetection } from './behaviour-detection.ts';
import { clear } from './clear.ts';
import { clientMatching } from './client-matching.ts';
import { crumpleZone } from './crumple-zone.ts';
import { epochEscrow } from './epoch-escrow.ts';
import { forwardTracing } from './forward-tracing.ts';
import { ghostParticipant } from './ghost-participant.ts';
import { loggedCustodians } from './logged-custodians.ts';
import { messageEscrow } from './message-escrow.ts';
import { metadataOnly } from './metadata-only.ts';
import { savage } from './savage.ts';
import { seizedDevice } from './seized-device.ts';
import { senderWarnings } from './sender-warnings.ts';
import { sourceTracking } from './source-tracking.ts';
import { thresholdCustodians } from './threshold-custodians.ts';
import { userReports } from './user-reports.ts';

export const PROPOSALS: readonly Proposal[] = [
  baseline,
  messageEscrow, epochEscrow, thresholdCustodians, loggedCustodians, ghostParticipant, crumpleZone, seizedDevice, metadataOnly, clear, savage, arleasRetrospective,
  userReports, sourceTracking, forwardTracing, clientMatching, senderWarnings, behaviourDetection,
];
