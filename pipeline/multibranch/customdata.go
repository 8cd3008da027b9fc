package multibranch

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/events"
)

// customData is the configuration in the custom data of a trigger, in the
// spelling of widely copied lifecycle functions.
type customData struct {
	Function string `json:"pipeline_exec_function,omitempty"`
	Pipeline string `json:"pipeline_name,omitempty"`
	Bucket   string `json:"bucket,omitempty"`
}

// targetOf returns what the event starts.
func (h *Handler) targetOf(event events.RefEvent) (target, error) {
	t := h.options.target()
	record, ok := event.(*events.RepositoryTrigger)
	if ok && h.options.CustomData && strings.HasPrefix(strings.TrimSpace(record.CustomData), "{") {
		var d customData
		if err := json.Unmarshal([]byte(record.CustomData), &d); err != nil {
			return target{}, fmt.Errorf("multibranch: the custom data of the trigger %q of %s: %w", record.TriggerName, record.Repository(), err)
		}
		replace := func(value *string, with string) {
			if with != "" {
				*value, t.custom = with, true
			}
		}
		replace(&t.pipeline, d.Pipeline)
		replace(&t.bucket, d.Bucket)
		replace(&t.function, d.Function)
	}
	if err := t.check(&h.options, h.options.CustomData); err != nil {
		return target{}, fmt.Errorf("multibranch: %w", err)
	}
	return t, nil
}

// customData returns the custom data of the triggers that the handler makes for
// the target, "" if the options hold all of it.
func (t target) customData() string {
	if !t.custom {
		return ""
	}
	b, err := json.Marshal(customData{Pipeline: t.pipeline, Bucket: t.bucket})
	if err != nil {
		return "" // cannot be: names of pipelines and buckets are ASCII
	}
	return string(b)
}
