package pipelinetest

import "time"

// run is one run of an action. Server.mu guards it.
type run struct {
	execution *execution
	stage     string
	action    *Action // with defaults; not to be changed
	id        string  // the action execution ID
	attempt   int     // of the execution when the run started

	status  string // InProgress, Succeeded, Failed or Abandoned
	started time.Time
	updated time.Time

	configuration   map[string]string // with variables resolved, secrets in the clear; not to be changed
	inputs, outputs []Artifact        // not to be changed

	summary, externalID, url string
	errorCode, errorMessage  string
	percent                  *int32
	variables                map[string]string // output variables
	revision                 *Revision         // what a source action found
}

// ended reports whether the run is in progress no more. mu is held.
func (r *run) ended() bool { return r.status != "InProgress" }

// finish ends the run, or tells of its progress if the outcome is in progress,
// and emits the event. It does nothing if the run has ended. Empty fields of
// the outcome keep what the run has, and what it has not is what is usual for
// the provider. The stage goes on with the next Advance. mu is held.
func (r *run) finish(o Outcome) {}

// progress tells how far the run is; empty and nil keep what the run has. mu is
// held.
func (r *run) progress(summary, externalID string, percent *int32) {}
