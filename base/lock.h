#pragma once

namespace runward {

// Locks an open file as flock(2) does (LOCK_EX or LOCK_SH), within `milliseconds`: a holder that
// was stopped must not stop others for ever. False with errno, which is EWOULDBLOCK when it stayed
// locked.
bool LockWithin(int fd, int operation, int milliseconds);

}  // namespace runward
