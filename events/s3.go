package events

import (
	"net/url"
	"strconv"
	"strings"
)

// S3ObjectChange says that an object was created, deleted, restored or
// otherwise changed (Amazon S3 through EventBridge). DetailType says which:
// "Object Created", "Object Deleted" and so on; an event built in Go has to
// set it.
type S3ObjectChange struct {
	Header

	DetailVersion string `event:"detail/version"`
	Bucket        string `event:"detail/bucket/name,id"`
	Key           string `event:"detail/object/key,id"` // not encoded
	Size          int64  `event:"detail/object/size,id"`
	ETag          string `event:"detail/object/etag,id"`
	VersionID     string `event:"detail/object/version-id,id"`
	// Sequencer orders the events of one key: of two values of the same
	// length the greater one, as text, is the later one.
	Sequencer    string `event:"detail/object/sequencer,id"`
	RequestID    string `event:"detail/request-id,id"`
	Requester    string `event:"detail/requester"` // an account, or a service
	SourceIP     string `event:"detail/source-ip-address"`
	Reason       string `event:"detail/reason"`        // such as PutObject or Lifecycle Expiration
	DeletionType string `event:"detail/deletion-type"` // Permanently Deleted or Delete Marker Created

	RestoreExpiryTime       Timestamp `event:"detail/restore-expiry-time"`
	SourceStorageClass      string    `event:"detail/source-storage-class"`
	DestinationStorageClass string    `event:"detail/destination-storage-class"`
	DestinationAccessTier   string    `event:"detail/destination-access-tier"`
}

// S3Notification is a record that S3 sends to a Lambda function, queue or
// topic.
type S3Notification struct {
	Origin

	EventSource     string    `event:"eventSource,id"` // aws:s3
	EventVersion    string    `event:"eventVersion"`
	Region          string    `event:"awsRegion"`
	Time            Timestamp `event:"eventTime,id"`
	EventName       string    `event:"eventName,id"` // such as ObjectCreated:Put
	PrincipalID     string    `event:"userIdentity/principalId"`
	SourceIP        string    `event:"requestParameters/sourceIPAddress"`
	RequestID       string    `event:"responseElements/x-amz-request-id|xAmzRequestId,id"`
	HostID          string    `event:"responseElements/x-amz-id-2|xAmzId2"`
	SchemaVersion   string    `event:"s3/s3SchemaVersion"`
	ConfigurationID string    `event:"s3/configurationId"`
	Bucket          string    `event:"s3/bucket/name,id"`
	BucketARN       string    `event:"s3/bucket/arn"`
	BucketOwnerID   string    `event:"s3/bucket/ownerIdentity/principalId"`
	// EncodedKey is the key in URL encoding, with + for a space. See Key.
	EncodedKey string `event:"s3/object/key,id"`
	DecodedKey string `event:"s3/object/urlDecodedKey,id"` // mostly missing
	Size       int64  `event:"s3/object/size,id"`
	ETag       string `event:"s3/object/eTag,id"`
	VersionID  string `event:"s3/object/versionId,id"`
	Sequencer  string `event:"s3/object/sequencer,id"`
}

// S3TestEvent is what S3 sends to a queue or topic when notifications are
// configured.
type S3TestEvent struct {
	Origin

	Service   string    `event:"Service"`
	Event     string    `event:"Event,id"` // s3:TestEvent
	Time      Timestamp `event:"Time,id"`
	Bucket    string    `event:"Bucket,id"`
	RequestID string    `event:"RequestId,id"`
	HostID    string    `event:"HostId"`
}

// S3Object is the object that an event of S3 is about.
type S3Object struct {
	Bucket    string
	Key       string
	VersionID string
	ETag      string
	Size      int64
	Sequencer string
	// Created and Deleted say what happened to it; neither is true for a
	// change of its tags, storage class and the like.
	Created bool
	Deleted bool
}

// An S3Event is an event about an object of S3: an *[S3ObjectChange] or an
// *[S3Notification]. Register a handler for it to get either.
type S3Event interface {
	Event
	// Object returns the object and what happened to it.
	Object() S3Object
}

var (
	_ S3Event = (*S3ObjectChange)(nil)
	_ S3Event = (*S3Notification)(nil)
)

// Object returns the object and what happened to it.
func (e *S3ObjectChange) Object() S3Object {
	return S3Object{
		Bucket: e.Bucket, Key: e.Key, VersionID: e.VersionID, ETag: e.ETag, Size: e.Size, Sequencer: e.Sequencer,
		Created: e.DetailType == "Object Created", Deleted: e.DetailType == "Object Deleted",
	}
}

// Object returns the object and what happened to it.
func (e *S3Notification) Object() S3Object {
	what := e.DetailType()
	return S3Object{
		Bucket: e.Bucket, Key: e.Key(), VersionID: e.VersionID, ETag: e.ETag, Size: e.Size, Sequencer: e.Sequencer,
		Created: what == "Object Created", Deleted: what == "Object Deleted",
	}
}

// s3DetailTypes are the detail types of EventBridge for the event names of
// notifications that begin so.
var s3DetailTypes = [...]struct{ eventName, detailType string }{
	{"ObjectCreated:", "Object Created"},
	{"ObjectRemoved:", "Object Deleted"},
	{"LifecycleExpiration:", "Object Deleted"},
	{"ObjectRestore:Post", "Object Restore Initiated"},
	{"ObjectRestore:Completed", "Object Restore Completed"},
	{"ObjectRestore:Delete", "Object Restore Expired"},
	{"LifecycleTransition", "Object Storage Class Changed"},
	{"IntelligentTiering", "Object Access Tier Changed"},
	{"ObjectAcl:Put", "Object ACL Updated"},
	{"ObjectTagging:Put", "Object Tags Added"},
	{"ObjectTagging:Delete", "Object Tags Deleted"},
}

// DetailType returns the detail type of EventBridge for the change, such as
// "Object Created", and the event name if there is none.
func (e *S3Notification) DetailType() string {
	name := strings.TrimPrefix(e.EventName, "s3:")
	for _, t := range s3DetailTypes {
		if strings.HasPrefix(name, t.eventName) {
			return t.detailType
		}
	}
	return name
}

// Key returns the key of the object, decoded.
func (e *S3Notification) Key() string {
	if e.DecodedKey != "" {
		return e.DecodedKey
	}
	if k, err := url.QueryUnescape(e.EncodedKey); err == nil {
		return k
	}
	return e.EncodedKey
}

// Name is "S3 Notification".
func (e *S3Notification) Name() string { return "S3 Notification" }

// Name is "S3 Test Event".
func (e *S3TestEvent) Name() string { return "S3 Test Event" }

// IdempotencyKey is made from object, version and sequencer, so that it is
// the same for a notification of the same change.
func (e *S3ObjectChange) IdempotencyKey() string {
	return s3Key(e.Object(), e.DetailType, e.RequestID, e.Time)
}

// IdempotencyKey is made from object, version and sequencer, so that it is
// the same for an event of EventBridge about the same change.
func (e *S3Notification) IdempotencyKey() string {
	return s3Key(e.Object(), e.DetailType(), e.RequestID, e.Time)
}

// s3Key tells changes apart by the sequencer; an event without one by its
// request, which is the same in a redelivery; and an event without both, as test
// servers send, by the content and the time.
func s3Key(o S3Object, what, requestID string, time Timestamp) string {
	switch {
	case o.Sequencer != "":
		return joinKey("s3", what, o.Bucket, o.Key, o.VersionID, o.Sequencer)
	case requestID != "":
		return joinKey("s3", what, o.Bucket, o.Key, o.VersionID, "", requestID)
	}
	return joinKey("s3", what, o.Bucket, o.Key, o.VersionID, "", "", o.ETag, strconv.FormatInt(o.Size, 10), string(time))
}

// IdempotencyKey is made from bucket and request.
func (e *S3TestEvent) IdempotencyKey() string {
	return joinKey("s3-test", e.Bucket, e.RequestID, string(e.Time))
}

// MarshalJSON encodes the event; see [Event].
func (e S3ObjectChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *S3ObjectChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e S3Notification) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *S3Notification) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e S3TestEvent) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *S3TestEvent) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
