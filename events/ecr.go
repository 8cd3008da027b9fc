package events

// ImageAction says that an image was pushed or deleted (Amazon ECR, "ECR
// Image Action").
type ImageAction struct {
	Header

	Repository    string            `event:"detail/repository-name,id"`
	RepositoryARN string            `event:"detail/repository-arn"`
	Digest        string            `event:"detail/image-digest,id"`
	Tag           string            `event:"detail/image-tag,id"` // "" for an untagged image
	Action        ImageActionType   `event:"detail/action-type,id"`
	Result        ImageActionResult `event:"detail/result,id"`
	MediaType     string            `event:"detail/manifest-media-type"`
}

// ImageActionType is what was done with an image.
type ImageActionType string

// The actions on images.
const (
	ImageActionTypePush   ImageActionType = "PUSH"
	ImageActionTypeDelete ImageActionType = "DELETE"
)

// ImageActionResult is the result of an action on an image.
type ImageActionResult string

// The results of actions on images.
const (
	ImageActionResultSuccess ImageActionResult = "SUCCESS"
	ImageActionResultFailure ImageActionResult = "FAILURE"
)

// ImageScanStatus is the result of a scan.
type ImageScanStatus string

// The results of scans.
const (
	ImageScanStatusComplete ImageScanStatus = "COMPLETE"
	ImageScanStatusFailed   ImageScanStatus = "FAILED"
)

// ImageScan says that the basic scan of an image ended (Amazon ECR, "ECR
// Image Scan").
type ImageScan struct {
	Header

	Repository string          `event:"detail/repository-name,id"`
	Digest     string          `event:"detail/image-digest,id"`
	Tags       []string        `event:"detail/image-tags"`
	Status     ImageScanStatus `event:"detail/scan-status,id"`
	// FindingSeverityCounts has the number of findings by severity, such as
	// CRITICAL.
	FindingSeverityCounts map[string]int `event:"detail/finding-severity-counts"`
}

// ImageScanResourceChange says that repositories have other scan settings
// (Amazon ECR, "ECR Scan Resource Change").
type ImageScanResourceChange struct {
	Header

	Action       string                    `event:"detail/action-type,id"` // SCAN_FREQUENCY_CHANGE
	Repositories []RepositoryScanFrequency `event:"detail/repositories"`
	ResourceType string                    `event:"detail/resource-type"`
	ScanType     string                    `event:"detail/scan-type"`
}

// RepositoryScanFrequency is the new scan setting of a repository.
type RepositoryScanFrequency struct {
	Repository        string `event:"repository-name"`
	RepositoryARN     string `event:"repository-arn"`
	Frequency         string `event:"scan-frequency"` // SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL
	PreviousFrequency string `event:"previous-scan-frequency"`
}

// IdempotencyKey is the ID that EventBridge gave the event.
func (e *ImageAction) IdempotencyKey() string {
	return e.eventKey("image", e.Repository, e.Digest, e.Tag, string(e.Action), string(e.Result))
}

// IdempotencyKey is the ID that EventBridge gave the event.
func (e *ImageScan) IdempotencyKey() string {
	return e.eventKey("image-scan", e.Repository, e.Digest, string(e.Status))
}

// IdempotencyKey is the ID that EventBridge gave the event.
func (e *ImageScanResourceChange) IdempotencyKey() string {
	return e.eventKey("image-scan-resource", e.Action)
}

// MarshalJSON encodes the event; see [Event].
func (e ImageAction) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ImageAction) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e ImageScan) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ImageScan) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e ImageScanResourceChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ImageScanResourceChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
