/** Whether to show a progress bar; or a function that is told how many bytes there are, of how many. */
export type Progress = boolean | ((received: number, total: number | null) => void);

export interface DownloadOptions {
  /** Whether to show a progress bar; or a function that is told how many bytes there are, of how many. */
  progress?: Progress;
  /** Ends the download. */
  signal?: AbortSignal | null;
}
