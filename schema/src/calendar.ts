/** Whether text that begins with YYYY-MM-DD names a day; the year 0 is a leap year. */
export function isCalendarDay(at: string): boolean {
  const day = Number(at.slice(8, 10));
  if (day <= 28) return true;
  const [year, month] = [Number(at.slice(0, 4)), Number(at.slice(5, 7))];
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
