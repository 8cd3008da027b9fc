//go:build !race

package action_test

const raceDetector = false
