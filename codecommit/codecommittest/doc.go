// Package codecommittest is a CodeCommit server for tests.
package codecommittest
