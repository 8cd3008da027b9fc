//go:build race

package archive_test

// raceEnabled says that everything takes many times as long.
const raceEnabled = true
