export { closeDay, openCalendar } from './calendar-store';
export { CalendarView, type CalendarWalker } from './calendar-view';

import './calendar.css';
