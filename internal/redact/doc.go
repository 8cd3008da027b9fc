// Package redact takes secrets out of texts that go to logs, errors and the
// messages of services.
//
// [Secrets] finds given secrets in whatever encoding they stand. [Likely] goes by
// the looks, for secrets that the caller does not know.
package redact
