// Package s3test is an S3 server for tests: objects by path-style address, got
// whole or in ranges, put whole or in parts, with the service's checks of
// ranges, checksums, part sizes and encryption headers. It takes note of every
// request and the access key it was signed with, and can refuse keys and fail
// requests. Signatures are not checked, and buckets need not be made.
package s3test
