// Package crash holds the tests that kill the real program while people draw.
package crash
