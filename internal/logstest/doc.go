// Package logstest is the part of CloudWatch Logs that test servers have: streams of
// lines, and the operation GetLogEvents with the service's paging and errors. It
// keeps no state besides the streams, and has no lock.
package logstest
