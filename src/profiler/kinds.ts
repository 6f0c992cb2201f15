/** Kinds of records, and states of a profile. */
/** Kinds of activities that PyTorch records; here there is the CPU's. */
export const ProfilerActivity = { CPU: 0, XPU: 1, MTIA: 2, CUDA: 3, HPU: 4, PrivateUse1: 5 } as const;
export type ProfilerActivity = (typeof ProfilerActivity)[keyof typeof ProfilerActivity];

/** A profile's action during a step: nothing, nothing yet, record, or record and be ready with its end. */
export const ProfilerAction = { NONE: 0, WARMUP: 1, RECORD: 2, RECORD_AND_SAVE: 3 } as const;
export type ProfilerAction = (typeof ProfilerAction)[keyof typeof ProfilerAction];
